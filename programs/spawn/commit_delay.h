/* commit_delay: how long a delivery may wait before it has its work committed to disk.

   A sender who keeps one session gives the next message when he has the answer to the last, and its acceptance needs a
   commit just when the delivery of the last one does. One after the other costs two; a delivery that waits until the
   next message has come shares its commit. The next is expected to be as long after this one as this one is after the
   last. Nobody waits longer than COMMIT_DELAY_MAX_US, nor where the next is far away beside the time a delivery takes. */

#ifndef MAILTREE_COMMIT_DELAY_H
#define MAILTREE_COMMIT_DELAY_H

#include <stdint.h>

enum {
  COMMIT_DELAY_MAX_US = 50000,
  COMMIT_DELAY_WORTH = 8,             /* times as long as a delivery takes is far away */
  COMMIT_DELAY_NAME_MAX = 100         /* bytes of a message's name that count */
};

/* All zero at first. Times are microseconds of one clock. */
struct commit_delay {
  char last[COMMIT_DELAY_NAME_MAX + 1];
  int64_t begun, gap, work;
};

/* A delivery of this message begins. */
void commit_delay_begin(struct commit_delay *d, char const *message, int64_t now);

/* One has ended that took so long, not counting what it waited. */
void commit_delay_learn(struct commit_delay *d, int64_t work);

/* For the delivery that begins. 0: it does not wait. */
uint32_t commit_delay_now(struct commit_delay const *d);

#endif
