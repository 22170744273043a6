/* domain_users: the users of a domain that a server keeps, when the domain comes and when it goes: unlike those in its
   directory they do not come and go with that. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_USERS_H
#define MAILTREE_VDOMAINS_DOMAIN_USERS_H

#include <stdbool.h>

#include "domain.h"
#include "store.h"

/* Ends the program when the owner of the domain could read what the helper of its store knows of the server. */
void domain_users_refuse_owner(struct domain const *domain);
void domain_users_refuse_owner_in(struct domain const *domain, struct store const *store);

/* Ends the program when the domain's users cannot be changed where they are kept, as they must be when its directory moves; they are,
   as far as anybody knows, when it returns. */
void domain_users_refuse_move(struct domain const *domain);

/* Whether they are not in its directory. Ends the program when that cannot be told. */
bool domain_users_are_apart(struct domain const *domain);

/* Makes the table of a domain that is about to come. A postmaster whom a command that was killed has left goes; other users
   of that name are somebody's, and the program ends. In the domain's directory, as its owner; where a server keeps them, as
   vpopmail, who alone may speak of a domain that is not there yet. */
void domain_users_begin(struct store_domain const *table, struct domain const *domain);

/* Keeps nobody: for who makes the home of a user that somebody else will add. */
extern struct store const domain_users_nowhere;

/* Whoever is in it: they go first, so that a command that is killed can be given again. Ends the program when that cannot be. */
void domain_users_remove(struct domain const *domain);

#endif
