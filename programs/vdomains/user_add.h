/* user_add: a new user of a virtual domain: home, Maildir and record. */

#ifndef MAILTREE_VDOMAINS_USER_ADD_H
#define MAILTREE_VDOMAINS_USER_ADD_H

#include "store.h"

/* Makes them in the domain's directory, as its owner; path is the name of that directory, under which the home will be
   found. In the record, dir is decided here. The record comes last: before it nobody delivers into the home, and what a
   killed command left of a home is completed by the next one for that user. Ends the program as refuse.h does when
   it cannot. */
void user_add(struct store const *store, struct store_domain const *domain, char const *path, struct vpasswd record);

/* Ends the program when there is such a user. */
void user_add_refuse_known(struct store const *store, struct store_domain const *domain, struct field name);

#endif
