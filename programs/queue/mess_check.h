/* mess_check: whether what lies in the queue can be delivered: messages and failures that a restore gave to somebody else,
   messages in the wrong directory, names nobody looks at, a file system nobody can write to, a qmail-queue without its
   rights. Needs root; the working directory is HOME, its layout right (queue_layout.h). Nothing is reached through a
   symbolic link, and rights are changed on what was opened. */

#ifndef MAILTREE_MESS_CHECK_H
#define MAILTREE_MESS_CHECK_H

#include <stdbool.h>

#include "queue_layout.h"

/* Whether qmail-takeover has work: what lies there is then no business of mess_check. Ends the program if that cannot be
   known. */
bool mess_is_old(void);

/* Mends owners and places, or with only_look tells of them; tells of what it cannot mend. However many files there are, the
   lines are few. False with errno and the path in trouble. */
bool mess_check(queue_layout_told *told, bool only_look, char const **culprit);

#endif
