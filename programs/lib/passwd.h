/* passwd: accounts by name and by number, from wherever nsswitch.conf(5) says that they are.

   "There is none" is a fact, and mail may be refused for it; that nobody could look is none. PASSWD_NONE is said only
   when every name service has answered and the files have been read. The library alone does not tell: of services that
   cannot be asked it reports no more than what the last one says. */

#ifndef MAILTREE_PASSWD_H
#define MAILTREE_PASSWD_H

#include <pwd.h>
#include <shadow.h>
#include <sys/types.h>

enum passwd_result { PASSWD_FOUND, PASSWD_NONE, PASSWD_TROUBLE /* errno */ };

/* The entry is good until the next call of any of these. */
enum passwd_result passwd_find(struct passwd const **entry, char const *name);
enum passwd_result passwd_find_uid(struct passwd const **entry, uid_t uid);
enum passwd_result passwd_find_shadow(struct spwd const **entry, char const *name);

#endif
