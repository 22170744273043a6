/* owner_doors: two sockets for each account but vpopmail that owns virtual domains, as users/cdb says. */

#ifndef MAILTREE_VDOMAINS_OWNER_DOORS_H
#define MAILTREE_VDOMAINS_OWNER_DOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "users_wire.h"

enum { OWNER_DOORS_MAX = 20000 };

struct owner_door {
  uid_t uid;
  gid_t gid;                /* of the first of its domains */
  enum users_verb verb;
  int listener;             /* -1 when the account owns no domain any more, but its worker is still there */
  /* by qmail-ownersd */
  pid_t worker;             /* 0: nobody; then who comes is told by epoll */
  int64_t started, told;    /* in terms of monotonic_ms: the worker, and that it was told to end; 0: was not */
  bool is_watched;
};

struct owner_doors {
  struct owner_door **all;  /* in the order of their uids */
  size_t count;
  int epoll;                /* -1: none has been made */
};

/* Makes it so that there are the doors of all who are in users/cdb now, and none of anybody else. A door stays while it has a
   worker. False with errno when not all could be done; what could is done. */
bool owner_doors_renew(struct owner_doors *d, uid_t not_of);

/* Whether who comes to it is told, from now on. False with errno. */
bool owner_door_watch(struct owner_doors const *d, struct owner_door *door, bool want);

/* Removes what an earlier life has left. False with errno. */
bool owner_doors_clear(void);

/* Nobody comes any more. */
void owner_doors_shut(struct owner_doors const *d);

#endif
