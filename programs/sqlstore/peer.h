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

struct peer_domain {
  stralloc real;        /* the name under which its users are kept: that of users/cdb, where the domain may be an alias */
  stralloc home;        /* its directory; empty while it is not there */
  bool is_anothers;     /* it belongs to another account than the one that runs us */
};
#define PEER_DOMAIN_ZERO { STRALLOC_ZERO, STRALLOC_ZERO, false }

/* Its owner may ask about it, and who is of us about any; those may about one that is not there yet, or not any more.
   Working directory HOME. */
enum peer_result peer_may(uid_t uid, struct peer_domain *to, struct field domain);

#endif
