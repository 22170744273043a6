/* vname: the names of users and domains of virtual domains, as commands, login and delivery read them. Pure. */

#ifndef MAILTREE_VNAME_H
#define MAILTREE_VNAME_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "nameset.h"
#include "vcode.h"

enum {
  VNAME_USER_MAX = 64,
  VNAME_DOMAIN_MAX = 255,
  VNAME_DOMAIN_SQL_MAX = 96,        /* what the column of a site's table holds */
  VNAME_LABEL_MAX = 63,
  VNAME_NEW_DOMAIN_MIN = 3,
  VNAME_LAST_LABEL_MIN = 2
};

/* Cuts user@domain, else user%domain, else user/domain at the first such byte; what has none of them is a user, and the
   domain is empty. Both replace what was there, in lower case and as long as they are. 1, or 0 without memory. */
int vname_split(stralloc *user, stralloc *domain, char const *s, size_t len);

/* Whether this can be a user or an alias: what is looked up. */
enum vcode vname_user(char const *s, size_t len);

/* Whether a user of this name may be made, whose home and record have it: in a tree that hashes, no name of one byte. */
enum vcode vname_new_user(char const *s, size_t len, bool hashing);

/* The same for domains. */
enum vcode vname_domain(char const *s, size_t len);
enum vcode vname_new_domain(char const *s, size_t len);

/* Replaces *file by the name of the file that speaks for an alias: ".qmail-" and the name in lower case, its dots as
   colons; an uncounted NUL follows. */
enum vcode vname_dotqmail(stralloc *file, char const *s, size_t len);

/* What stands for the domain of an address that has none. Each may be absent (null, 0). */
struct vname_defaults {
  char const *domain;               /* VPOPMAIL_DOMAIN */
  char const *local_ip;             /* TCPLOCALIP */
  char const *map;                  /* etc/ip_alias_map: lines "IP DOMAIN" */
  size_t map_len;
  struct nameset const *locals;     /* a domain that the map names and that is local is passed over */
  char const *file;                 /* etc/defaultdomain */
  size_t file_len;
};

/* Replaces *to by that domain, in lower case; empty when there is none. 1, or 0 without memory. */
int vname_default_domain(stralloc *to, struct vname_defaults const *from);

#endif
