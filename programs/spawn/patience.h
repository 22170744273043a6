/* patience: how long a delivery may wait before it has its work committed to disk.

   A sender who keeps one session gives the next message when he has the answer to the last, and its acceptance needs a
   commit just when the delivery of the last one does. One after the other costs two; a delivery that waits until the
   next message has come shares its commit. The next is expected to be as long after this one as this one is after the
   last. Nobody waits longer than PATIENCE_MAX_US, nor where the next is far away beside the time a delivery takes. */

#ifndef MAILTREE_PATIENCE_H
#define MAILTREE_PATIENCE_H

#include <stdint.h>

enum {
  PATIENCE_MAX_US = 50000,
  PATIENCE_WORTH = 8,             /* times as long as a delivery takes is far away */
  PATIENCE_NAME_MAX = 100         /* bytes of a message's name that count */
};

/* All zero at first. Times are microseconds of one clock. */
struct patience {
  char last[PATIENCE_NAME_MAX + 1];
  int64_t begun, gap, work;
};

/* A delivery of this message begins. */
void patience_begin(struct patience *p, char const *message, int64_t now);

/* One has ended that took so long, not counting what it waited. */
void patience_learn(struct patience *p, int64_t work);

/* For the delivery that begins. 0: it does not wait. */
uint32_t patience_us(struct patience const *p);

#endif
