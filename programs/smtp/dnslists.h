/* dnslists: which lists of control/dnslists have the client on them, and what follows. All are asked at once when he connects,
   and their answers waited for when a recipient hangs on them. A list that has him on it is asked, besides, whether it has
   nobody on it, too: one that has the whole world does not count. */

#ifndef MAILTREE_SMTP_DNSLISTS_H
#define MAILTREE_SMTP_DNSLISTS_H

#include <skalibs/stralloc.h>

#include "refusal.h"

/* Asks about the client, unless the rules, or who he is, say that nobody wants to know. */
void dnslists_begin(void);

/* Ends the session of who is on a list by which clients are turned away. */
void dnslists_turn_away(void);

/* Why the client may not write to that one, or null; in the first call after the answers have come, or were waited for long
   enough. */
struct refusal const *dnslists_refusal(stralloc const *recipient);

#endif
