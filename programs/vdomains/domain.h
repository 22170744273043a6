/* domain: virtual domains as users/assign knows them:

     +example.net-:example.net:89:89:/home/vpopmail/domains/example.net:-::
     +alias.example-:example.net:89:89:/home/vpopmail/domains/example.net:-::     an alias of it */

#ifndef MAILTREE_VDOMAINS_DOMAIN_H
#define MAILTREE_VDOMAINS_DOMAIN_H

#include <stdbool.h>

#include <skalibs/stralloc.h>
#include <sys/types.h>

struct domain {
  stralloc name, real, dir;       /* each followed by an uncounted NUL; name is real unless it is an alias */
  uid_t uid;
  gid_t gid;
};
#define DOMAIN_ZERO { STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, 0, 0 }

/* Looks a domain up, in lower case; working directory HOME. False when there is none. Ends the program with 111 when that
   cannot be told. */
bool domain_find(struct domain *domain, char const *name, size_t len);

/* The same, and ends the program as refuse(VCODE_NO_DOMAIN) does when there is none. */
void domain_need(struct domain *domain, char const *name, size_t len);

/* Replaces *to by the same one. */
void domain_copy(struct domain *to, struct domain const *from);

/* A domain that is not there yet, and then the directory below which it will be. */
void domain_set(struct domain *domain, char const *name, uid_t uid, gid_t gid);
void domain_place(struct domain *domain, char const *parent);

/* Makes it an alias of what it was: real, directory and owner stay. */
void domain_rename(struct domain *domain, char const *alias);

bool domain_is_alias(struct domain const *domain);

/* Replaces *line by the line of users/assign for it. */
void domain_line(stralloc *line, struct domain const *domain);

/* Reads the next domain of a users/assign that begins at *at; other lines are passed over, one that is damaged too: it
   is qmail-newu who tells of it. False at the end. */
bool domain_next(struct domain *domain, stralloc const *assign, size_t *at);

#endif
