/* peer: who asks a helper, and about which domain he may ask. */

#ifndef MAILTREE_SQLSTORE_PEER_H
#define MAILTREE_SQLSTORE_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* Root and the account that runs us. */
bool peer_is_of_us(uid_t uid);

enum peer_result { PEER_MAY, PEER_MAY_NOT, PEER_TROUBLE };

/* Replaces *real by the name under which the domain's users are kept: that of users/cdb, where the domain may be an alias; and
   *home by its directory, empty while it is not there.
   Its owner may ask about it, and who is of us about any; those may about one that is not there yet, or not any more.
   Working directory HOME. */
enum peer_result peer_may(uid_t uid, stralloc *real, stralloc *home, struct field domain);

#endif
