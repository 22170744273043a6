/* owner_work: qmail-usersd as the account that owns some virtual domains: one process for one of its two sockets, which
   qmail-ownersd holds, and starts it when somebody comes. */

#ifndef MAILTREE_VDOMAINS_OWNER_WORK_H
#define MAILTREE_VDOMAINS_OWNER_WORK_H

#include "users_wire.h"

/* The socket is descriptor 0. Returns when nobody has come for a while. */
void owner_work(enum users_verb verb);

#endif
