#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "takeover_read.h"

int old_open(char const *path)
{
  struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
  struct stat st;
  int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd == -1 || fstat(fd, &st) == -1) strerr_diefusys(111, "open ", path);
  if (!S_ISREG(st.st_mode)) strerr_dief(111, path, " is not a regular file");
  return fd;
}

struct stat old_stat(int fd, char const *path)
{
  struct stat st;
  if (fstat(fd, &st) == -1) strerr_diefusys(111, "stat ", path);
  return st;
}

size_t old_read(int fd, char *block, char const *path)
{
  ssize_t r;
  do r = read(fd, block, OLD_BLOCK); while (r == -1 && errno == EINTR);
  if (r == -1) strerr_diefusys(111, "read ", path);
  return (size_t)r;
}
