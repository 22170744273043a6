/* as_owner: root does what touches a domain's directory as the account that owns it. */

#ifndef MAILTREE_VDOMAINS_AS_OWNER_H
#define MAILTREE_VDOMAINS_AS_OWNER_H

#include <sys/types.h>

/* Calls does(with) in a child that is this account, in the directory, with umask 077. The child ends with what does
   returns; who is not root calls it in a child all the same. When that is not 0, this program ends with the same code: the
   child has said why. */
void as_owner(uid_t uid, gid_t gid, int directory, int (*does)(void *), void *with);

#endif
