#include <string.h>

#include "memory.h"
#include "open_items.h"

enum { SIZE_FIRST = 64 };

/* Where the search for a number begins. Numbers of a log are close together: they are spread. */
static size_t home(struct open_items const *items, uint64_t number)
{
  return (size_t)(number * 0x9e3779b97f4a7c15ULL >> 32) & (items->size - 1);
}

/* The place of a number, or the free one where it belongs. */
static size_t place(struct open_items const *items, uint64_t number)
{
  size_t i = home(items, number);
  while (items->slots[i] && items->slots[i]->number != number) i = (i + 1) & (items->size - 1);
  return i;
}

static void grow(struct open_items *items)
{
  struct open_items old = *items;
  items->size = old.size ? 2 * old.size : SIZE_FIRST;
  items->slots = memory_zeroed(items->size, sizeof *items->slots);
  for (size_t i = 0; i < old.size; i++)
    if (old.slots[i]) items->slots[place(items, old.slots[i]->number)] = old.slots[i];
  free(old.slots);
}

struct open_item *open_items_find(struct open_items const *items, uint64_t number)
{
  return items->size ? items->slots[place(items, number)] : 0;
}

static struct open_item *made(struct field const parts[OPEN_PARTS])
{
  size_t len = 0;
  for (size_t i = 0; i < OPEN_PARTS; i++) len += parts[i].len;
  struct open_item *item = memory_resized(0, 1, sizeof *item + len);
  char *text = (char *)(item + 1);
  *item = (struct open_item){ 0 };
  for (size_t i = 0; i < OPEN_PARTS; i++) {
    item->part[i] = (struct field){ text, parts[i].len };
    if (parts[i].len) memcpy(text, parts[i].s, parts[i].len);
    text += parts[i].len;
  }
  return item;
}

struct open_item *open_items_put(struct open_items *items, uint64_t number, struct field const parts[OPEN_PARTS])
{
  struct open_item *item = made(parts);
  item->number = number;
  item->order = items->order++;
  open_items_remove(items, number);
  if (2 * items->count >= items->size) grow(items);
  items->slots[place(items, number)] = item;
  items->count++;
  return item;
}

/* Those behind the gap move up, as far as each was looked for from before the gap. */
static void close_gap(struct open_items *items, size_t gap)
{
  size_t mask = items->size - 1;
  for (size_t i = (gap + 1) & mask; items->slots[i]; i = (i + 1) & mask) {
    size_t from = home(items, items->slots[i]->number);
    if (((i - from) & mask) < ((i - gap) & mask)) continue;
    items->slots[gap] = items->slots[i];
    items->slots[i] = 0;
    gap = i;
  }
}

void open_items_remove(struct open_items *items, uint64_t number)
{
  if (!items->size) return;
  size_t i = place(items, number);
  if (!items->slots[i]) return;
  free(items->slots[i]);
  items->slots[i] = 0;
  items->count--;
  close_gap(items, i);
}

void open_items_clear(struct open_items *items)
{
  for (size_t i = 0; i < items->size; i++) free(items->slots[i]);
  free(items->slots);
  items->slots = 0;
  items->size = items->count = 0;
}

static int by_order(void const *a, void const *b)
{
  uint64_t one = (*(struct open_item *const *)a)->order, other = (*(struct open_item *const *)b)->order;
  return one < other ? -1 : one > other;
}

struct open_item **open_items_sorted(struct open_items const *items)
{
  struct open_item **sorted = memory_zeroed(items->count + 1, sizeof *sorted);
  size_t n = 0;
  for (size_t i = 0; i < items->size; i++)
    if (items->slots[i]) sorted[n++] = items->slots[i];
  qsort(sorted, n, sizeof *sorted, by_order);
  return sorted;
}
