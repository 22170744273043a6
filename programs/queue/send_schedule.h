/* send_schedule: when a message is tried again. Pure arithmetic in Unix seconds. */

#ifndef MAILTREE_SEND_SCHEDULE_H
#define MAILTREE_SEND_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "route.h"

/* Stands in a footer for a channel without recipients. */
#define SCHEDULE_NEVER ((uint64_t)INT64_MAX)

/* The greatest number whose square is not above n. */
uint64_t schedule_root(uint64_t n);

/* The attempt after the one that starts now: birth + (root(age) + c)^2, c = 10 local, 20 remote. */
uint64_t schedule_next(uint64_t birth, uint64_t start, enum channel channel);

/* Whether a pass that starts now is the last one. */
bool schedule_last(uint64_t birth, uint64_t start, uint64_t lifetime);

#endif
