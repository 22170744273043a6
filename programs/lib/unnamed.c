#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "unnamed.h"

static bool by_proc(int fd, int dir, char const *path)
{
  char from[40];
  snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, from, dir, path, AT_SYMLINK_FOLLOW) == 0;
}

/* Since Linux 6.10 who opened a file may name it without the way through /proc, which costs a fifth of it all. Before, that was root's
   alone: ENOENT for others, as for a directory that is not there. */
bool unnamed_link(int fd, int dir, char const *path)
{
  static bool is_refused;
  if (!is_refused && linkat(fd, "", dir, path, AT_EMPTY_PATH) == 0) return true;
  if (!is_refused && errno != ENOENT) return false;
  is_refused = by_proc(fd, dir, path);
  return is_refused;
}
