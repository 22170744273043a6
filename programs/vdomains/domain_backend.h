/* domain_backend: the users of a domain go from one back end to another, and control/usersbackend says so. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_BACKEND_H
#define MAILTREE_VDOMAINS_DOMAIN_BACKEND_H

#include "store.h"

/* Of the domain of that name, or an alias of it. Root; working directory HOME. Users are all there or none before the line changes; where
   they were they stay. Returns how the command ends; refuses what cannot be. */
int domain_backend_change(char const *word, struct store const *to);

#endif
