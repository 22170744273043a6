/* users: which account a local address belongs to, by users/cdb. qmail-newu(8). */

#ifndef MAILTREE_USERS_H
#define MAILTREE_USERS_H

#include <stddef.h>

#include <skalibs/stralloc.h>
#include <sys/types.h>

struct user {
  stralloc name, home, dash, ext;     /* each followed by an uncounted NUL */
  uid_t uid;
  gid_t gid;
};
#define USER_ZERO { STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, 0, 0 }

enum users_result { USERS_FOUND, USERS_NOBODY /* not in users/cdb, or no users/cdb */, USERS_TROUBLE /* errno */, USERS_NOMEM };

/* Looks the box (the part before the '@') up in users/cdb below the working directory HOME. The table stays mapped until
   another file has the name: it is replaced as a whole, as qmail-newu(8) does. */
enum users_result users_find(struct user *user, char const *box, size_t len);

/* The same in the bytes of the table, for who may not end by a fault of the disk. */
enum users_result users_find_in(struct user *user, char const *s, size_t size, char const *box, size_t len);

/* The record of the line +PREFIX itself, as of "example.net-" for a virtual domain: what its mailboxes have in common. */
enum users_result users_find_prefix(struct user *user, char const *prefix, size_t len);

/* Reads the six NUL-ended fields that qmail-getpw prints (user, uid, gid, home, dash, ext). 1; 0 when the bytes are not
   such a list; -1 without memory. users/cdb data has the same form but for the last NUL, which may be missing. */
int users_parse(struct user *user, char const *s, size_t len);

/* Gives back the memory of the four. */
void users_free(struct user *user);

#endif
