/* user_add: new users of a virtual domain: home, Maildir and record of each. */

#ifndef MAILTREE_VDOMAINS_USER_ADD_H
#define MAILTREE_VDOMAINS_USER_ADD_H

#include "store.h"
#include "vcode.h"

/* Makes them in the domain's directory, as its owner; path is the name of that directory, under which the home will be
   found. In the records, dir is decided here. The records come last, all at once: before that nobody delivers into the
   homes, and what a killed command left of a home is completed by the next one for that user. VCODE_OK; or nobody was
   added, and *culprit is the record at fault; trouble is told on descriptor 2. Ends the program as the next one does, whoever else
   adds users at the same time. */
enum vcode user_add_many(struct store_domain const *domain, char const *path,
                         struct vpasswd *records, size_t count, size_t *culprit);

/* Ends the program when the limits of the domain allow not so many more than there are now. In its directory, as its owner or root; the
   site's are read beforehand (limits.h). */
void user_add_refuse_too_many(struct store_domain const *domain, size_t more);

/* One; ends the program when it cannot. */
void user_add(struct store_domain const *domain, char const *path, struct vpasswd record);

/* The first one of a new domain, whatever its limits. */
void user_add_first(struct store_domain const *domain, char const *path, struct vpasswd record);

/* Ends the program when there is such a user. */
void user_add_refuse_known(struct store_domain const *domain, struct field name);

#endif
