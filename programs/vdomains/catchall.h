/* catchall: whether a user gets what is nobody's in his domain, and so cannot go. */

#ifndef MAILTREE_VDOMAINS_CATCHALL_H
#define MAILTREE_VDOMAINS_CATCHALL_H

#include <stdbool.h>

#include "named.h"

/* By .qmail-default of the domain, whose directory this is; ends the program when that cannot be told. */
bool catchall_is(struct named const *named, int directory);

#endif
