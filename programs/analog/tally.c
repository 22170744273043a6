#include <string.h>

#include "memory.h"
#include "tally.h"

enum { SIZE_FIRST = 1024 };

static size_t hash(struct field name)
{
  uint64_t h = 0xcbf29ce484222325ULL;
  for (size_t i = 0; i < name.len; i++) h = (h ^ (unsigned char)name.s[i]) * 0x100000001b3ULL;
  return (size_t)(h ^ h >> 32);
}

/* The slot of a name, or the free one where it belongs. A slot holds 1 + the number of its row. */
static uint32_t *slot(struct tally const *t, struct field name)
{
  size_t i = hash(name) & (t->size - 1);
  for (; t->slots[i]; i = (i + 1) & (t->size - 1)) {
    struct field other = t->rows[t->slots[i] - 1].name;
    if (other.len == name.len && !memcmp(other.s, name.s, name.len)) break;
  }
  return &t->slots[i];
}

static void grow(struct tally *t)
{
  free(t->slots);
  t->size = t->size ? 2 * t->size : SIZE_FIRST;
  t->slots = memory_zeroed(t->size, sizeof *t->slots);
  for (size_t i = 0; i < t->count; i++) *slot(t, t->rows[i].name) = (uint32_t)i + 1;
}

static struct tally_row *row_new(struct tally *t, struct field name)
{
  if (t->count == t->room) {
    t->room = t->room ? 2 * t->room : SIZE_FIRST;
    t->rows = memory_resized(t->rows, t->room, sizeof *t->rows);
  }
  char *own = memory_resized(0, name.len + 1, 1);
  memcpy(own, name.s, name.len);
  struct tally_row *row = &t->rows[t->count++];
  *row = (struct tally_row){ .name = { own, name.len } };
  return row;
}

struct tally_sums *tally_of(struct tally *t, struct field name)
{
  if (2 * t->count >= t->size) grow(t);
  uint32_t *found = slot(t, name);
  if (*found) return &t->rows[*found - 1].sums;
  struct tally_row *row = row_new(t, name);
  *found = (uint32_t)t->count;
  return &row->sums;
}
