/* local_end: the endings of qmail-local. What is said on descriptor 2 becomes the delivery report. */

#ifndef MAILTREE_LOCAL_END_H
#define MAILTREE_LOCAL_END_H

#include <errno.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "reason.h"

#define local_defer(...) strerr_die(111, __VA_ARGS__)
#define local_bounce(...) strerr_die(100, __VA_ARGS__)

/* "unable to open X: reason. (#4.3.0)", in the family's words */
#define local_defer_errno(what, name, code) local_defer(what, name, ": ", reason(errno), ". ", code)

/* Sets an alarm at which the program ends with the text, exit 111; 0 seconds takes it back. */
void local_alarm(unsigned seconds, char const *text);

#endif
