/* membership: whether somebody is in one of the tables that a command line names. */

#ifndef MAILTREE_MEMBERSHIP_H
#define MAILTREE_MEMBERSHIP_H

#include <stdbool.h>

#include "fields.h"
#include "list.h"
#include "subscribers.h"

/* Tables are the arguments from first on, behind the list's directory; none: the list itself. Where all of them and the directory are
   absolute paths, the list itself is one of them, as in lines that were written for ezmlm 0.53. */
bool membership(struct list const *l, int argc, char const *const *argv, int first, struct field address);

/* Whether he is in the table himself, not with all of his host; *found becomes the address as it is there. */
bool membership_own(struct subscribers *s, struct field address, stralloc *found);

#endif
