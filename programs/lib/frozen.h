/* frozen: whether the administrator has frozen an account (qmailctl freeze): then nobody logs in to it, whatever his password.
   A file of its name in HOME/frozen/accounts says so; nobody but root writes there. */

#ifndef MAILTREE_FROZEN_H
#define MAILTREE_FROZEN_H

#include "fields.h"

enum { FROZEN_NAME_MAX = 255 };         /* bytes: longer names are nobody's */

/* The name is an account's, or user@domain by its real name, in any case of letters. 1; 0; -1 with errno when that cannot be told: then he
   is not let in now. */
int frozen(struct field name);

#endif
