/* owner: which account a new domain belongs to, and below which directory it is made. */

#ifndef MAILTREE_VDOMAINS_OWNER_H
#define MAILTREE_VDOMAINS_OWNER_H

#include <stdint.h>

enum { OWNER_ANY = 0xffffffff };

struct owner {
  char const *user;       /* an account of the system; null: vpopmail */
  char const *base;       /* holds the directory domains; null: the account's home */
  uint32_t uid, gid;      /* OWNER_ANY: the account's */
};
#define OWNER_ZERO { 0, 0, OWNER_ANY, OWNER_ANY }

/* Fills in what nobody said. Refuses an account that is not there, root as owner, and a base that is no absolute path. */
void owner_complete(struct owner *owner);

#endif
