#include <errno.h>
#include <fcntl.h>

#include <skalibs/strerr.h>

#include "seen.h"
#include "temporary.h"

static bool look(struct stat *st, char const *path, int flags)
{
  if (fstatat(AT_FDCWD, path, st, flags) == 0) return true;
  if (temporary(errno)) strerr_diefusys(111, "stat ", path);
  return false;
}

bool seen(struct stat *st, char const *path)
{
  return look(st, path, 0);
}

bool seen_itself(struct stat *st, char const *path)
{
  return look(st, path, AT_SYMLINK_NOFOLLOW);
}
