/* queue_plan: the number in the footer of a queue file that says when a channel is tried next (queue_message.h). It
   checks itself, because it is overwritten in place where no checksum of the file can cover it.

     bits  0 to 33   the next attempt, Unix seconds; all ones: the channel has no recipients
          34 to 46   how old the message is then, hours; all ones: as many or more
          47         the message is on hold
          48 to 61   check of the bits above, the channel and the footer's fixed part
          62, 63     1, 0

   A number below 2^34 stands for itself and has no check: the 0 of a message that nobody has planned yet, and what an
   older release wrote. */

#ifndef MAILTREE_QUEUE_PLAN_H
#define MAILTREE_QUEUE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* The next attempt of a channel without recipients. */
#define QUEUE_NEVER ((uint64_t)INT64_MAX)

struct queue_plan {
  uint64_t due;         /* QUEUE_NEVER, or at most QUEUE_DUE_MAX */
  uint64_t hours;       /* at most QUEUE_HOURS_MAX, which stands for "not known" */
  bool on_hold;
};

enum { QUEUE_HOURS_MAX = (1 << 13) - 1 };
#define QUEUE_DUE_MAX (((uint64_t)1 << 34) - 2)

enum queue_plan_kind {
  QUEUE_PLAN_CHECKED,
  QUEUE_PLAN_PLAIN,     /* a number without check; hours are not known, nothing is on hold */
  QUEUE_PLAN_DAMAGED
};

/* Larger numbers than fit are cut. The number for a message on hold, or one that was planned, is never plain. */
uint64_t queue_plan_pack(struct queue_plan const *p, uint32_t salt);

enum queue_plan_kind queue_plan_unpack(struct queue_plan *p, uint64_t number, uint32_t salt);

#endif
