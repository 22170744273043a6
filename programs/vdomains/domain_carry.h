/* domain_carry: what stands in the directory of a virtual domain says where the domain is, and belongs to whom it belongs: both
   change when the domain moves. Each done twice is done once, and a directory that is not there has gone on; false with errno. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_CARRY_H
#define MAILTREE_VDOMAINS_DOMAIN_CARRY_H

#include <stdbool.h>
#include <sys/types.h>

/* Homes in the table of users, and the mailbox in .qmail-default, that lie below old lie below new. As the owner of the
   directory, which root becomes. */
bool domain_carry_paths(char const *dir, char const *old, char const *new);

/* The same of a domain whose users a server keeps; they are changed as vpopmail. */
bool domain_carry_rows(char const *dir, char const *old, char const *new, char const *domain);

/* The directory and all in it that belongs to old belongs to uid and gid; what is somebody else's stays. */
bool domain_carry_owner(char const *dir, uid_t old, uid_t uid, gid_t gid);

#endif
