/* getpw: asks qmail-getpw(8), which account a local address belongs to that users/cdb does not know. */

#ifndef MAILTREE_GETPW_H
#define MAILTREE_GETPW_H

#include <stdbool.h>

#include "users.h"

/* Runs bin/qmail-getpw below the working directory HOME. The child calls become_asker, if there is one, before the
   program runs, and ends if that fails. 1 with the answer in *user; 0 when there is none: *wstat says how the program
   ended; -1 errno. */
int getpw_ask(struct user *user, char const *box, bool (*become_asker)(void), int *wstat);

#endif
