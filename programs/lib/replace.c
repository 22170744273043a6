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

static void close_both(struct replacement *r)
{
  if (r->fd != -1) fd_close(r->fd);
  if (r->directory != -1) fd_close(r->directory);
  r->fd = r->directory = -1;
}

void replace_forget(struct replacement *r)
{
  int e = errno;
  if (r->fd != -1) unlink(r->aside);
  close_both(r);
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

bool replace_begin(struct replacement *r, char const *path, char const *aside, mode_t mode)
{
  *r = (struct replacement)REPLACEMENT_ZERO;
  r->path = path;
  r->aside = aside;
  r->directory = open_directory_of(path);
  if (r->directory == -1) return failed(r, "open the directory of ", path);
  unlink(aside);
  r->fd = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (r->fd == -1) return failed(r, "create ", aside);
  return fchmod(r->fd, mode) == 0 || failed(r, "set the mode of ", aside);
}

bool replace_owner(struct replacement *r, uid_t uid, gid_t gid)
{
  return fchown(r->fd, uid, gid) == 0 || failed(r, "set the owner of ", r->aside);
}

bool replace_write(struct replacement *r, char const *s, size_t len)
{
  return allwrite(r->fd, s, len) == len || failed(r, "write ", r->aside);
}

/* All of it on disk, still without its name. */
static bool settle(struct replacement *r)
{
  return fsync(r->fd) == 0 || failed(r, "write ", r->aside);
}

/* A change of several files that must go together would settle each, write down that it is decided, and then name
   each: the two steps stay apart for it. */
static bool name(struct replacement *r)
{
  if (rename(r->aside, r->path) == -1) return failed(r, "rename ", r->aside);
  fd_close(r->fd);
  r->fd = -1;
  return fsync(r->directory) == 0 || failed(r, "sync the directory of ", r->path);
}

bool replace_commit(struct replacement *r)
{
  if (!settle(r) || !name(r)) return false;
  close_both(r);
  return true;
}

_Noreturn void replace_die(struct replacement *r)
{
  replace_forget(r);
  strerr_diefusys(111, r->doing, r->what);
}
