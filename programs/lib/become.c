#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "become.h"

bool become_group(gid_t gid)
{
  return setgroups(1, &gid) == 0 && setresgid(gid, gid, gid) == 0;
}

bool become(uid_t uid, gid_t gid)
{
  if (uid == 0) {
    errno = EPERM;
    return false;
  }
  if (!become_group(gid) || setresuid(uid, uid, uid) == -1) return false;
  if (setuid(0) == 0 || getuid() != uid || geteuid() != uid || getegid() != gid) {
    errno = EPERM;
    return false;
  }
  return true;
}
