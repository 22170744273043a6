/* module_claim: what a module of Courier's logins is told on descriptor 3: lines that name the service, the type of login, and for
   the type "login" the user and his password. What follows is not for us. Pure. */

#ifndef MAILTREE_VDOMAINS_MODULE_CLAIM_H
#define MAILTREE_VDOMAINS_MODULE_CLAIM_H

#include <stdbool.h>

#include "fields.h"

struct module_claim { struct field service, type, user, password; };

/* False: a line is missing, or has a NUL. A last line without its newline is none. */
bool module_claim_parse(struct module_claim *claim, char const *s, size_t len);

#endif
