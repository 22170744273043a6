/* owned: which accounts own virtual domains, and which domains, by users/cdb, which is root's. */

#ifndef MAILTREE_VDOMAINS_OWNED_H
#define MAILTREE_VDOMAINS_OWNED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "users.h"

enum { OWNED_TABLE_MAX = 1 << 28 };       /* bytes of users/cdb */

/* Replaces *table by users/cdb below the working directory; empty when there is none. False with errno. */
bool owned_read(stralloc *table);

/* The next line of a virtual domain, from *at, which is 0 at first. 1; 0 at the end; -1 with errno. Pure but for the memory
   of *user, which serves the next one. */
int owned_next(struct user *user, stralloc const *table, size_t *at);

/* Replaces *places by the directories, each with its NUL, in which domains of this account lie outside of home: of those that
   vadddomain makes the one called domains, in which others come. Where they are more than the bound it is "/" alone. False with errno. */
enum { OWNED_PLACES_MAX = 64 };
bool owned_places(stralloc *places, uid_t uid, char const *home);

/* Whether the owner of this line, of a virtual domain, answers questions about it: root never does. */
bool owned_is_answered_for(struct user const *user);

#endif
