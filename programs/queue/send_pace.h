/* send_pace: how many messages went to a destination lately, and when the next one may, so that no more than some go in any
   span of some seconds. It is counted in parts of that span, in memory alone. */

#ifndef MAILTREE_SEND_PACE_H
#define MAILTREE_SEND_PACE_H

#include <stdint.h>

#include "destination_line.h"

enum { PACE_PARTS = 60 };

struct pace {
  struct destination_rate rate;         /* changes nothing of what has been counted, if its seconds stay */
  uint64_t part;                        /* the one that was counted in last */
  uint32_t in[PACE_PARTS + 1];          /* by the number of a part: one more than are in a span, which begins within one */
};

/* One more goes now. */
void pace_count(struct pace *p, uint64_t now);

/* From when on one more may: now, or a later second. */
uint64_t pace_next(struct pace const *p, uint64_t now);

#endif
