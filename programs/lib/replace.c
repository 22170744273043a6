#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "replace.h"

void replace_leave(struct replacement *r)
{
  if (r->fd != -1) fd_close(r->fd);
  if (r->directory != -1) fd_close(r->directory);
  r->fd = r->directory = -1;
}

void replace_forget(struct replacement *r)
{
  int e = errno;
  if (r->fd != -1) unlinkat(r->below, r->aside, 0);
  replace_leave(r);
  errno = e;
}

static bool failed(struct replacement *r, char const *doing, char const *what)
{
  r->doing = doing;
  r->what = what;
  replace_forget(r);
  return false;
}

static int open_directory_of(char const *path)
{
  char name[PATH_MAX] = ".";
  char const *slash = strrchr(path, '/');
  size_t len = slash ? (size_t)(slash - path) + 1 : 0;
  if (len >= sizeof name) return (errno = ENAMETOOLONG, -1);
  if (len) {
    memcpy(name, path, len);
    name[len] = 0;
  }
  return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool begin(struct replacement *r, mode_t mode)
{
  if (r->directory == -1) return failed(r, "open the directory of ", r->path);
  unlinkat(r->below, r->aside, 0);
  r->fd = openat(r->below, r->aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (r->fd == -1) return failed(r, "create ", r->aside);
  return fchmod(r->fd, mode) == 0 || failed(r, "set the mode of ", r->aside);
}

bool replace_begin(struct replacement *r, char const *path, char const *aside, mode_t mode)
{
  *r = (struct replacement)REPLACEMENT_ZERO;
  r->path = path;
  r->aside = aside;
  r->directory = open_directory_of(path);
  return begin(r, mode);
}

bool replace_begin_in(struct replacement *r, int directory, char const *name, char const *aside, mode_t mode)
{
  *r = (struct replacement)REPLACEMENT_ZERO;
  r->path = name;
  r->aside = aside;
  r->below = r->directory = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return begin(r, mode);
}

bool replace_owner(struct replacement *r, uid_t uid, gid_t gid)
{
  return fchown(r->fd, uid, gid) == 0 || failed(r, "set the owner of ", r->aside);
}

bool replace_write(struct replacement *r, char const *s, size_t len)
{
  return allwrite(r->fd, s, len) == len || failed(r, "write ", r->aside);
}

bool replace_settle(struct replacement *r)
{
  return fsync(r->fd) == 0 || failed(r, "write ", r->aside);
}

bool replace_name(struct replacement *r)
{
  if (renameat(r->below, r->aside, r->below, r->path) == -1) return failed(r, "rename ", r->aside);
  fd_close(r->fd);
  r->fd = -1;
  if (fsync(r->directory) == -1) return failed(r, "sync the directory of ", r->path);
  replace_leave(r);
  return true;
}

bool replace_commit(struct replacement *r)
{
  return replace_settle(r) && replace_name(r);
}

_Noreturn void replace_die(struct replacement *r)
{
  replace_forget(r);
  strerr_diefusys(111, r->doing, r->what);
}
