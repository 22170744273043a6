#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "server_file.h"

static char const *fault_of(struct stat const *st, uid_t uid, gid_t gid)
{
  if (!S_ISREG(st->st_mode)) return "it is no file";
  if (st->st_uid != 0 && st->st_uid != uid) return "its owner is neither root nor vpopmail";
  if (st->st_mode & 027) return "others than root and the group of vpopmail may read or change it: chmod 640";
  if (st->st_mode & 040 && st->st_gid != gid) return "its group is not that of vpopmail: chgrp vchkpw, chmod 640";
  return st->st_size < SERVER_LINE_MAX ? 0 : "it is too long";
}

static bool read_open(struct server_file *to, char const **fault, int fd, uid_t uid, gid_t gid)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return *fault = strerror(errno), false;
  *fault = fault_of(&st, uid, gid);
  if (*fault) return errno = EPROTO, false;
  errno = 0;
  to->len = allread(fd, to->text, sizeof to->text);
  if (errno) *fault = strerror(errno);
  return !*fault;
}

bool server_file_read(struct server_file *to, char const **fault, char const *path, uid_t uid, gid_t gid)
{
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1) return *fault = strerror(errno), false;
  bool done = read_open(to, fault, fd, uid, gid);
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}
