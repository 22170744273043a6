/* let_in: a checker asks the service qmail-users whether a password of a user of a virtual domain is right, and becomes the owner of
   his mail. What happens when he is not let in is the checker's own contract: exit codes. */

#ifndef MAILTREE_VDOMAINS_LET_IN_H
#define MAILTREE_VDOMAINS_LET_IN_H

#include <stdbool.h>

#include "credentials.h"
#include "users_wire.h"

struct let_in {
  enum users_access access;
  int denied, wrong, trouble;   /* exit codes */
};

/* Returns for who is let in. Why somebody is not stands in the log of qmail-users. Working directory HOME,
   for both. */
void let_in_ask(struct let_in const *as, struct credentials const *claim);

/* Whose he is is checked against root's own table. Then USER, HOME, SHELL and VPOPUSER tell it, and, where his mail is read, the process
   is the owner of it and in the home, which is made if it is missing. "user@domain". */
char const *let_in_become(struct let_in const *as, bool reads_mail);

#endif
