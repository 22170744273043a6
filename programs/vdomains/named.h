/* named: the user of a virtual domain that somebody names on a command line. */

#ifndef MAILTREE_VDOMAINS_NAMED_H
#define MAILTREE_VDOMAINS_NAMED_H

#include <skalibs/stralloc.h>

#include "domain.h"
#include "fields.h"

struct named {
  stralloc user;            /* lower case, followed by an uncounted NUL */
  struct domain domain;
};
#define NAMED_ZERO { STRALLOC_ZERO, DOMAIN_ZERO }

/* Reads user@domain, user%domain or user/domain; a user alone belongs to the default domain (VPOPMAIL_DOMAIN,
   etc/defaultdomain below the home of vpopmail). An alias is the domain it stands for. Working directory HOME. Refuses a
   name that can be nobody's, and a domain that is not there. */
void named_read(struct named *named, char const *address);

struct field named_user(struct named const *named);

/* Only root and the owner of the domain may touch its users: "running as invalid uid". */
void named_refuse_strangers(struct named const *named);

#endif
