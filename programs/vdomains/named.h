/* named: the user of a virtual domain that somebody names on a command line. */

#ifndef MAILTREE_VDOMAINS_NAMED_H
#define MAILTREE_VDOMAINS_NAMED_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "domain.h"
#include "fields.h"
#include "store.h"

struct named {
  stralloc user;            /* lower case, followed by an uncounted NUL */
  struct domain domain;
};
#define NAMED_ZERO { STRALLOC_ZERO, DOMAIN_ZERO }

/* Reads user@domain, user%domain or user/domain; a user alone belongs to the default domain (VPOPMAIL_DOMAIN,
   etc/ip_alias_map for TCPLOCALIP, etc/defaultdomain below the home of vpopmail). An alias is the domain it stands for.
   Working directory HOME. Refuses a name that can be nobody's, and a domain that is not there. */
void named_read(struct named *named, char const *address);

/* The same, or a domain alone, which is a word without any of the three separators; user is empty then, which is all of
   its users. */
void named_read_either(struct named *named, char const *word);

/* The domain alone. */
void named_read_domain(struct named *named, char const *word);

struct field named_user(struct named const *named);

/* "user@domain", the real one; static storage. */
char const *named_address(struct named const *named);

/* Only root and the owner of the domain may touch its users: "running as invalid uid". */
void named_refuse_strangers(struct named const *named);

/* Calls does(with) as the owner of the domain, in its directory, as as_owner.h says; refuses strangers before. */
int named_work(struct named const *named, int (*does)(void *), void *with);

/* The table of users, for who works there. */
struct store_domain named_table(struct named const *named);

/* Finds him, and ends the program when that cannot be told. False: there is none. */
bool named_find(struct named const *named, struct vpasswd *record, stralloc *space);

#endif
