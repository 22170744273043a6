/* become: give up root for good. */

#ifndef MAILTREE_BECOME_H
#define MAILTREE_BECOME_H

#include <stdbool.h>
#include <sys/types.h>

/* Supplementary groups {gid}, then gid, then uid, real, effective and saved; each is checked afterwards.
   Refuses uid 0 (errno EPERM). On false the process must not go on with foreign data. */
bool become(uid_t uid, gid_t gid);

/* The same without the refusal of uid 0, for daemons that stay root but want one group only. */
bool become_group(gid_t gid);

#endif
