#include <grp.h>
#include <pwd.h>

#include <skalibs/strerr.h>

#include "accounts.h"

uid_t account_uid(char const *user)
{
  struct passwd const *pw = getpwnam(user);
  if (!pw) strerr_dief(111, "unable to find user ", user);
  return pw->pw_uid;
}

gid_t account_gid(char const *group)
{
  struct group const *gr = getgrnam(group);
  if (!gr) strerr_dief(111, "unable to find group ", group);
  return gr->gr_gid;
}
