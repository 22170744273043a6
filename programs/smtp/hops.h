/* hops: how many hands a message went through, counted in its header while it passes. */

#ifndef MAILTREE_HOPS_H
#define MAILTREE_HOPS_H

#include <stdbool.h>
#include <stddef.h>

enum { HOPS_MAX = 100, HOPS_WORD = 9 };   /* as many Received and Delivered-To fields mean a loop */

struct hops {
  unsigned count;
  bool in_body;
  size_t at;                /* bytes of this line seen, up to HOPS_WORD */
  char word[HOPS_WORD];
};

/* Starts with zero: struct hops h = { 0 }. Counts lines up to the first empty one that begin with "received"
   or "delivered" in any case. */
void hops_take(struct hops *h, char const *s, size_t len);

static inline bool hops_too_many(struct hops const *h) { return h->count >= HOPS_MAX; }

#endif
