#include <string.h>

#include "columnt.h"
#include "memory.h"
#include "text.h"
#include "words.h"

struct widths { size_t *of, count; };

/* The next row without its newline. */
static bool row_next(struct field *row, char const *s, size_t len, size_t *at)
{
  if (*at >= len) return false;
  char const *newline = memchr(s + *at, '\n', len - *at);
  *row = (struct field){ s + *at, newline ? (size_t)(newline - s) - *at : len - *at };
  *at += row->len + 1;
  return true;
}

static void widen(struct widths *widths, struct field row)
{
  size_t at = 0, i = 0;
  for (struct field word; (word = words_next(row.s, row.len, &at)).len; i++) {
    if (i == widths->count) {
      widths->of = memory_resized(widths->of, ++widths->count, sizeof *widths->of);
      widths->of[i] = 0;
    }
    if (word.len > widths->of[i]) widths->of[i] = word.len;
  }
}

static void add_row(stralloc *to, struct widths const *widths, struct field row)
{
  size_t at = 0, i = 0;
  for (struct field word; (word = words_next(row.s, row.len, &at)).len; i++) {
    bool last = i + 1 == widths->count;
    for (size_t pad = last ? word.len : widths->of[i]; pad > word.len; pad--) text_addc(to, ' ');
    text_addb(to, word.s, word.len);
    if (!last) text_add(to, "  ");
  }
  text_addc(to, '\n');
}

void columnt(stralloc *to, char const *s, size_t len)
{
  struct widths widths = { 0, 0 };
  struct field row;
  for (size_t at = 0; row_next(&row, s, len, &at);) widen(&widths, row);
  for (size_t at = 0; row_next(&row, s, len, &at);) add_row(to, &widths, row);
  free(widths.of);
}
