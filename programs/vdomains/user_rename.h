/* user_rename: a user of a virtual domain gets another name, and so does his home.

   Mail that comes meanwhile waits, and is never put where nobody finds it:
     1. .renaming         who becomes whom, on disk
     2. the new home is a symbolic link to the old one, which nobody follows
     3. the records change, both in one, on disk: it is decided
     4. home and link change names, in one call of the system
     5. the link, which has the old name now, goes; .renaming goes
   all under the lock of home_place.h. A kill or a power cut before 3 leaves the user as he was; one after it leaves what
   the next command that adds, removes or renames a user of the domain finishes first. */

#ifndef MAILTREE_VDOMAINS_USER_RENAME_H
#define MAILTREE_VDOMAINS_USER_RENAME_H

#include "store.h"
#include "vcode.h"

/* In the domain's directory, whose path this is, as its owner; so for both. Ends the program when it cannot. */
void user_rename_finish(struct store_domain const *domain, char const *path);

/* VCODE_NO_USER, or VCODE_USERNAME_EXISTS or VCODE_USER_DIR_EXISTS for the new name. A home that is not where the domain
   makes homes stays there. */
enum vcode user_rename(struct store_domain const *domain, char const *path, struct field from,
                       struct field to);

#endif
