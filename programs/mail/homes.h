/* homes: home directories of accounts, and which of them are away: on a file system that is not mounted just now, or
   cannot be looked into. Mail for an account whose home is away waits. */

#ifndef MAILTREE_HOMES_H
#define MAILTREE_HOMES_H

#include <stdbool.h>
#include <sys/types.h>

enum home_state {
  HOME_OWNED,     /* it is there, and the account's */
  HOME_NONE,      /* the account has none of its own, and so gets no mail */
  HOME_AWAY       /* errno; 0 for an empty directory of root, as the place of a file system that is not mounted */
};

/* Accounts of the system have homes that never were, /nonexistent is nobody's, and a directory of somebody else is
   his: all that is by design. */
enum home_state home_state(char const *dir, uid_t uid);

/* Whether what is there is an empty directory of root. One that cannot be looked into counts as empty. */
bool home_is_vacant(int dir, char const *path);

/* Whose the number is by Debian's policy (9.2.2): people's, and not the system's. */
bool uid_is_persons(uid_t uid);

#endif
