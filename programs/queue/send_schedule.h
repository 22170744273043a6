/* send_schedule: when a message is tried again. Pure arithmetic in Unix seconds. */

#ifndef MAILTREE_SEND_SCHEDULE_H
#define MAILTREE_SEND_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue_plan.h"
#include "route.h"

/* Stands in a footer for a channel without recipients. */
#define SCHEDULE_NEVER QUEUE_NEVER

/* The greatest number whose square is not above n. */
uint64_t schedule_root(uint64_t n);

/* The attempt after the one that starts now: birth + (root(age) + c)^2, c = 10 local, 20 remote. */
uint64_t schedule_next(uint64_t birth, uint64_t start, enum channel channel);

enum { SCHEDULE_FIRST_REMOTE = 400 };     /* seconds from the first to the second attempt of remote mail */

/* The same with another time from the first attempt to the second, and none longer than longest: birth + root(age)^2
   + 2 root(age) root(first) + first. */
uint64_t schedule_next_by(uint64_t birth, uint64_t start, uint64_t first, uint64_t longest);

/* The longest time from now that an attempt may be planned for; schedule_next never goes beyond. */
uint64_t schedule_longest(uint64_t birth, uint64_t now, uint64_t lifetime, enum channel channel);

/* The same for schedule_next_by. */
uint64_t schedule_longest_by(uint64_t birth, uint64_t now, uint64_t lifetime, uint64_t first);

/* The birth that counts for a message whose latest planned attempt is this one: a day or more after it in which nobody
   tried, because the system was down or its clock wrong, does not age a message. */
uint64_t schedule_birth(uint64_t birth, uint64_t latest, uint64_t now);

/* Whether a pass that starts now is the last one. */
bool schedule_last(uint64_t birth, uint64_t start, uint64_t lifetime);

#endif
