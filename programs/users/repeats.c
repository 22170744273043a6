#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "repeats.h"

struct line { size_t at, len; uint64_t number; };

int repeats_add(struct repeats *r, char const *key, size_t len, uint64_t number)
{
  struct line const line = { r->keys.len, len, number };
  return bytes_addb(&r->keys, key, len) && bytes_addb(&r->lines, (char const *)&line, sizeof line);
}

static int order_of_keys(struct line const *a, struct line const *b, char const *keys)
{
  if (a->len != b->len) return a->len < b->len ? -1 : 1;
  return memcmp(keys + a->at, keys + b->at, a->len);
}

static int order(void const *a_, void const *b_, void *keys)
{
  struct line const *a = a_, *b = b_;
  int r = order_of_keys(a, b, keys);
  return r ? r : a->number < b->number ? -1 : a->number > b->number;
}

void repeats_tell(struct repeats *r, void (*tell)(uint64_t line, uint64_t first))
{
  struct line *lines = (struct line *)r->lines.s, *first = lines;
  size_t count = r->lines.len / sizeof *lines;
  if (count) qsort_r(lines, count, sizeof *lines, order, r->keys.s);
  for (size_t i = 1; i < count; i++) {
    if (order_of_keys(first, lines + i, r->keys.s) == 0) tell(lines[i].number, first->number);
    else first = lines + i;
  }
}
