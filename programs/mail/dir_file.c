#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"

static bool is_of_the_domain(int directory, int fd)
{
  struct stat domain, file;
  if (fstat(fd, &file) == -1) return false;
  if (!S_ISREG(file.st_mode)) return errno = EPERM, false;
  if (file.st_nlink <= 1) return true;
  if (fstatat(directory, "", &domain, AT_EMPTY_PATH) == -1) return false;
  errno = EPERM;
  return file.st_uid == domain.st_uid;
}

int dir_file_open(int directory, char const *name)
{
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1 || is_of_the_domain(directory, fd)) return fd;
  fd_close(fd);
  return -1;
}

/* In one reading where its size is true: less than was asked for is the end of a file. */
static bool read_all(stralloc *to, int fd, size_t max)
{
  struct stat st;
  size_t const was = to->len;
  if (fstat(fd, &st) == -1) return false;
  size_t room = (size_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
  for (;;) {
    if (!bytes_room(to, room)) return false;
    ssize_t r = fd_read(fd, to->s + to->len, room);
    if (r <= 0) return r == 0;
    to->len += (size_t)r;
    if (to->len - was > max) return errno = EFBIG, false;
    if ((size_t)r < room) return true;
  }
}

bool dir_file_read_fd(stralloc *to, int fd, size_t max)
{
  size_t const was = to->len;
  if (read_all(to, fd, max)) return true;
  to->len = was;
  return false;
}

int dir_file_read(stralloc *to, int directory, char const *name, size_t max)
{
  int fd = dir_file_open(directory, name);
  if (fd == -1) return errno == ENOENT ? 0 : -1;
  bool done = dir_file_read_fd(to, fd, max);
  fd_close(fd);
  return done ? 1 : -1;
}

mode_t dir_file_mode(int directory, char const *name)
{
  struct stat st;
  return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0660 : 0600;
}

bool dir_file_owner(struct replacement *r, int directory)
{
  struct stat st;
  if (geteuid() != 0) return true;
  if (fstat(directory, &st) == 0) return replace_owner(r, st.st_uid, st.st_gid);
  replace_forget(r);
  return false;
}

bool dir_file_write(int directory, char const *name, char const *s, size_t len)
{
  char aside[NAME_MAX + 1];
  struct replacement r = REPLACEMENT_ZERO;
  if ((size_t)snprintf(aside, sizeof aside, "%s.new", name) >= sizeof aside) return errno = ENAMETOOLONG, false;
  return replace_begin_in(&r, directory, name, aside, dir_file_mode(directory, name))
      && dir_file_owner(&r, directory) && replace_write(&r, s, len) && replace_commit(&r);
}
