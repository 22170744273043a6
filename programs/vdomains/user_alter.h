/* user_alter: fields of one user, or of all of a domain, are changed. */

#ifndef MAILTREE_VDOMAINS_USER_ALTER_H
#define MAILTREE_VDOMAINS_USER_ALTER_H

#include "named.h"
#include "store.h"

/* With --dry-run only says what it is about. Carries the edit (STORE_ALTER; its name is set here) out as the owner of the domain,
   and tells of it by this name (vchange.h). Returns the exit code; "no such user U@D" when there is none. */
int user_alter(char const *name, struct named const *named, struct store_edit const *edit);

/* Ends the command that was to change a user who is not there. */
_Noreturn void user_alter_refuse_nobody(struct named const *named);

#endif
