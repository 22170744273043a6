/* send_timetable: how long, and how often, mail for a destination is tried, by control/destinationschedule. Without that file all is
   as send_schedule.h and control/queuelifetime say, and so it is for local mail. */

#ifndef MAILTREE_SEND_TIMETABLE_H
#define MAILTREE_SEND_TIMETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route.h"

/* Whether a line may say something of the channel. */
bool timetable_counts(enum channel c);

/* Seconds that mail for the domain, as in destination_domain, is tried. */
uint64_t timetable_lifetime(enum channel c, char const *domain, size_t len);

/* As schedule_next, for mail to the domain. */
uint64_t timetable_next(enum channel c, char const *domain, size_t len, uint64_t birth, uint64_t start);

/* As schedule_longest: no line plans for later. */
uint64_t timetable_longest(enum channel c, uint64_t birth);

#endif
