/* accounts: the numbers of the family's users and groups, looked up by name, never compiled in. */

#ifndef MAILTREE_ACCOUNTS_H
#define MAILTREE_ACCOUNTS_H

#include <sys/types.h>

/* The uid of a user, the gid of a group; when the name is unknown or the database fails the program ends:
   "PROG: fatal: unable to find user NAME" (group likewise), exit 111. */
uid_t account_uid(char const *user);
gid_t account_gid(char const *group);

#endif
