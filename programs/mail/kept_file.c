#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"
#include "kept_file.h"
#include "own_disk.h"

enum { BLOCK = 1024 };          /* bytes in one reading; most files have fewer */

void kept_file_close(struct kept_file *k)
{
  if (k->fd != -1) fd_close(k->fd);
  *k = (struct kept_file)KEPT_FILE_NONE;
}

void kept_file_hold(struct kept_file *k, int fd)
{
  struct stat st;
  *k = (struct kept_file){ fd, 0, 0 };
  if (fd == -1 || !own_disk(fd) || fstat(fd, &st) == -1) return;
  k->device = st.st_dev;
  k->number = st.st_ino;
}

bool kept_file_is(struct kept_file const *k, struct stat const *st)
{
  return k->number && st->st_ino == k->number && st->st_dev == k->device;
}

int kept_file_open(struct kept_file *k, int directory, char const *name)
{
  struct stat st;
  if (k->number && fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && kept_file_is(k, &st)) return k->fd;
  kept_file_close(k);
  int fd = dir_file_open(directory, name);
  if (fd != -1) kept_file_hold(k, fd);
  return fd;
}

/* Less than was asked for is the end of a file. */
static bool read_all(stralloc *to, int fd, size_t max)
{
  for (size_t at = 0;;) {
    if (!bytes_room(to, BLOCK)) return false;
    ssize_t r = pread(fd, to->s + to->len, BLOCK, (off_t)at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return false;
    at += (size_t)r;
    to->len += (size_t)r;
    if (at > max) return errno = EFBIG, false;
    if (r < BLOCK) return true;
  }
}

int kept_file_read(struct kept_file *k, stralloc *to, int directory, char const *name, size_t max)
{
  size_t const was = to->len;
  int fd = kept_file_open(k, directory, name);
  if (fd == -1) return errno == ENOENT ? 0 : -1;
  if (read_all(to, fd, max)) return 1;
  to->len = was;
  return -1;
}
