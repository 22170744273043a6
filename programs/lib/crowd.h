/* crowd: a domain never keeps more than half of the workers that answer for all, whatever its disk does. Who comes on top
   waits a little until another one has left; where one of those who are in does not come back, nobody waits.

   The table is shared by all workers; each writes only its own mark. */

#ifndef MAILTREE_CROWD_H
#define MAILTREE_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

struct crowd_mark {
  _Atomic uint64_t place;       /* 0: nowhere */
  _Atomic int64_t since;        /* in terms of monotonic_ms */
};

/* Marks for so many workers, in memory that their children share; null without memory. */
struct crowd_mark *crowd_marks(size_t count);

/* This process is one of them, and nowhere. Who never says so is in no crowd. */
void crowd_join(struct crowd_mark *marks, size_t count, size_t mine);

/* Goes into the directory; false, with errno EBUSY, when there are too many. */
bool crowd_enter(stralloc const *directory);
void crowd_leave(void);

#endif
