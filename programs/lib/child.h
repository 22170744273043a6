/* child: a child that leads a process group of its own, and has its time. */

#ifndef MAILTREE_CHILD_H
#define MAILTREE_CHILD_H

#include <sys/types.h>

enum child_end {
  CHILD_ENDED,          /* by itself; how is in *wstat */
  CHILD_LATE,           /* it was killed, with its group */
  CHILD_UNWATCHED       /* likewise, at once: it might never have ended by itself */
};

/* Waits for it, so many milliseconds at most. It is waited for afterwards, whatever comes of it. */
enum child_end child_wait(pid_t pid, int ms, int *wstat);

#endif
