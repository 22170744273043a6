/* open_items: what a log has begun and not yet ended, messages or deliveries, by its number. */

#ifndef MAILTREE_OPEN_ITEMS_H
#define MAILTREE_OPEN_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum { OPEN_PARTS = 5 };

struct open_item {
  uint64_t number, order;               /* order: which one it was of all */
  uint64_t message;                     /* of a delivery */
  uint64_t count[3];                    /* of a message: how its deliveries ended */
  struct field part[OPEN_PARTS];        /* text that came with it; owned */
};

struct open_items { struct open_item **slots; size_t size, count; uint64_t order; };

/* Null when there is none. */
struct open_item *open_items_find(struct open_items const *items, uint64_t number);

/* A new one, in place of one with the same number. What the parts point to is copied. */
struct open_item *open_items_put(struct open_items *items, uint64_t number, struct field const parts[OPEN_PARTS]);

void open_items_remove(struct open_items *items, uint64_t number);
void open_items_clear(struct open_items *items);

/* All of them in the order in which they came, items->count pointers; to be freed. */
struct open_item **open_items_sorted(struct open_items const *items);

#endif
