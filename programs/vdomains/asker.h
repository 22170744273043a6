/* asker: who asks qmail-usersd, and what he may know. */

#ifndef MAILTREE_VDOMAINS_ASKER_H
#define MAILTREE_VDOMAINS_ASKER_H

#include <stdbool.h>

#include "served.h"
#include "users_wire.h"

struct asker {
  uid_t uid;
  bool may_all;         /* of every domain; who may not knows his own alone */
};

/* Who does what is looked up once, before the program gives up what it does not need. Ends it if that fails. servers are names of
   accounts with blanks between them; those that are not there are nobody. */
void asker_know_accounts(stralloc const *servers);

/* Of this question: root and our own account may know all, qmaild who is there and who may send, the accounts of servers whose
   password is right and who is who. */
struct asker asker_of(uid_t uid, enum users_verb verb);

/* Whether the mail system asks: no bound on how many of it do at once. */
bool asker_is_of_us(uid_t uid);

bool asker_may(struct asker const *who, struct served const *domain);

#endif
