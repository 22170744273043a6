/* as_owner: root does what touches a domain's directory as the account that owns it. */

#ifndef MAILTREE_VDOMAINS_AS_OWNER_H
#define MAILTREE_VDOMAINS_AS_OWNER_H

#include <sys/types.h>

/* Calls does(with) in a child that is this account, in the directory, with umask 077; who is not root calls it in a child all
   the same. Returns the exit code, which is what does returns or ends with; the child has said why. */
int as_owner(uid_t uid, gid_t gid, int directory, int (*does)(void *), void *with);

#endif
