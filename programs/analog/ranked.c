#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "memory.h"
#include "ranked.h"
#include "text.h"
#include "words.h"

struct rank { struct field line, name; double number; };

static int compare_bytes(struct field a, struct field b)
{
  int r = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);
  return r ? r : a.len < b.len ? -1 : a.len > b.len;
}

static int compare(void const *a, void const *b)
{
  struct rank const *one = a, *other = b;
  if (one->number != other->number) return one->number < other->number ? -1 : 1;
  int r = compare_bytes(one->name, other->name);
  return r ? r : compare_bytes(one->line, other->line);
}

/* strtod ends where the line does, before its newline. */
static struct rank rank_of(struct field line, enum ranked_by by)
{
  size_t at = line.len;
  while (at && line.s[at - 1] != ' ') at--;
  struct field name = { line.s + at, line.len - at };
  switch (by) {
    case RANKED_NAME: return (struct rank){ line, name, 0 };
    case RANKED_NAME_NUMBER: return (struct rank){ line, { "", 0 }, (double)word_number(name) };
    default: return (struct rank){ line, { "", 0 }, strtod(line.s, 0) };
  }
}

static size_t ranks_of(struct rank **ranks, stralloc const *rows, enum ranked_by by)
{
  size_t count = 0, room = 0;
  for (size_t at = 0; at < rows->len;) {
    char const *newline = memchr(rows->s + at, '\n', rows->len - at);
    struct field line = { rows->s + at, (size_t)(newline - rows->s) - at };
    if (count == room) *ranks = memory_resized(*ranks, room = room ? 2 * room : 1024, sizeof **ranks);
    (*ranks)[count++] = rank_of(line, by);
    at += line.len + 1;
  }
  return count;
}

void ranked(stralloc *rows, enum ranked_by by)
{
  stralloc sorted = STRALLOC_ZERO;
  struct rank *ranks = 0;
  size_t count = ranks_of(&ranks, rows, by);
  if (count) qsort(ranks, count, sizeof *ranks, compare);
  for (size_t i = 0; i < count; i++) {
    text_addb(&sorted, ranks[i].line.s, ranks[i].line.len);
    text_addc(&sorted, '\n');
  }
  free(ranks);
  stralloc_free(rows);
  *rows = sorted;
}
