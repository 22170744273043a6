/* destination_line: what the lines of control/destinationconnections, destinationrate and destinationschedule say, behind the domain
   and its colon. */

#ifndef MAILTREE_DESTINATION_LINE_H
#define MAILTREE_DESTINATION_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum {
  DESTINATION_NUMBER_MAX = 1000000,
  DESTINATION_SECONDS_MAX = 86400,
  DESTINATION_LIFETIME_MAX = 315360000,     /* ten years */
  DESTINATION_FIRST_MAX = 604800
};

/* A number, 0 to DESTINATION_NUMBER_MAX, and nothing else. */
bool destination_number_read(unsigned *number, char const *s, size_t len);

/* So many messages in so many seconds; 0 messages: as many as there are. */
struct destination_rate { unsigned messages, seconds; };

/* "messages", which is in a minute, or "messages/seconds", 1 to DESTINATION_SECONDS_MAX. */
bool destination_rate_read(struct destination_rate *rate, char const *s, size_t len);

/* Whether a lets less through than b. */
bool destination_rate_is_stricter(struct destination_rate a, struct destination_rate b);

/* When mail is tried again, and how long. */
struct destination_schedule {
  unsigned lifetime;        /* seconds */
  unsigned first;           /* from the first attempt to the second; from then on it takes longer each time, */
  unsigned longest;         /* but no longer than this */
};

/* "lifetime", "lifetime:first" or "lifetime:first:longest"; an empty part leaves as it is what *schedule says. First is 1 to
   DESTINATION_FIRST_MAX, the others go up to DESTINATION_LIFETIME_MAX, longest from 1 on. */
bool destination_schedule_read(struct destination_schedule *schedule, char const *s, size_t len);

#endif
