#include <stddef.h>
#include <string.h>

#include "send_pace.h"

/* Seconds. */
static uint64_t part_length(struct pace const *p)
{
  return (p->rate.seconds + PACE_PARTS - 1) / PACE_PARTS;
}

/* Parts in which what was sent still counts: a whole span, and the one that it begins in. */
static uint64_t parts_that_count(struct pace const *p)
{
  uint64_t length = part_length(p);
  return (p->rate.seconds + length - 1) / length + 1;
}

static uint32_t counted_in(struct pace const *p, uint64_t part)
{
  return part > p->part || part + PACE_PARTS < p->part ? 0 : p->in[part % (PACE_PARTS + 1)];
}

void pace_count(struct pace *p, uint64_t now)
{
  uint64_t part = now / part_length(p);
  if (part > p->part + PACE_PARTS) memset(p->in, 0, sizeof p->in);
  else while (p->part < part) p->in[++p->part % (PACE_PARTS + 1)] = 0;
  p->part = part;
  p->in[part % (PACE_PARTS + 1)]++;
}

/* The latest first: when so many are found, the part where that was is the one that has to pass. */
uint64_t pace_next(struct pace const *p, uint64_t now)
{
  uint64_t length = part_length(p), part = now / length, parts = parts_that_count(p), found = 0;
  if (!p->rate.messages) return now;
  for (uint64_t back = 0; back < parts && back <= part; back++) {
    found += counted_in(p, part - back);
    if (found >= p->rate.messages) return (part - back + parts) * length;
  }
  return now;
}
