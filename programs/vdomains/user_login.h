/* user_login: when a user of a virtual domain logged in last. The file lastauth in his home has his address of then, and
   its time is that of the login; "0.0.0.0" is of who never did, and the time that of his making. */

#ifndef MAILTREE_VDOMAINS_USER_LOGIN_H
#define MAILTREE_VDOMAINS_USER_LOGIN_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct user_login {
  time_t last;          /* 0: he never did */
  time_t made;          /* 0: not known */
  struct field ip;      /* of the last login; in the space */
};

/* In his home, as the owner of the domain. False with errno when it cannot be told; where nothing is known all is 0. */
bool user_login_find(struct user_login *to, int home, stralloc *space);

#endif
