/* user_remove: a user of a virtual domain goes, with his home.

   A home is never half gone while there is a record that leads mail and its owner there. So
     1. .removing         says whose home will go, on disk
     2. the record goes, on disk: it is decided
     3. the home gets the name .removed.USER in the domain's directory, on disk; its place is given back
     4. .removing goes
     5. .removed.USER goes, with all that is in it
   under the lock of home_place.h up to 4. A kill or a power cut before 2 leaves the user as he was; one after it leaves what the next
   command that adds or removes a user of the domain finishes first. */

#ifndef MAILTREE_VDOMAINS_USER_REMOVE_H
#define MAILTREE_VDOMAINS_USER_REMOVE_H

#include "store.h"

/* Finishes what an earlier one left, and what user_rename.h and user_move.h left. In the domain's directory, whose path this is, as its owner; so for both. Ends the
   program when it cannot. */
void user_remove_finish(struct store_domain const *domain, char const *path);

/* False: there is no such user. */
bool user_remove(struct store_domain const *domain, char const *path, struct field name);

#endif
