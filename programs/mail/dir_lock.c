#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "dir_lock.h"

enum { TRIES_A_SECOND = 50 };

/* Programs of old that ran as root left it with root as its owner. Then it is given to the owner of the directory by
   root; the owner himself makes it anew. What has a second name, or something in it, is no lock but somebody's file, and is
   touched by nobody. */
static int open_file(int directory, char const *name, struct stat const *owner)
{
  int const how = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  int fd = openat(directory, name, how, 0600);
  if (fd != -1 || errno != EACCES || geteuid() != owner->st_uid) return fd;
  if (unlinkat(directory, name, 0) == -1) return -1;
  return openat(directory, name, how, 0600);
}

static bool keep_for_owner(int fd, struct stat const *owner)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  errno = EPERM;
  if (!S_ISREG(st.st_mode) || st.st_nlink > 1) return false;
  if (st.st_uid != owner->st_uid && st.st_size) return false;
  if (st.st_uid != owner->st_uid && fchown(fd, owner->st_uid, owner->st_gid) == -1) return false;
  return !(st.st_mode & 077) || fchmod(fd, 0600) == 0;
}

/* What was locked may have been removed while we waited. */
static bool has_name(int fd, int directory, char const *name)
{
  struct stat a, b;
  return fstat(fd, &a) == 0 && fstatat(directory, name, &b, AT_SYMLINK_NOFOLLOW) == 0
      && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static bool lock_now(int fd)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int r;
  do r = fcntl(fd, F_OFD_SETLK, &whole); while (r == -1 && errno == EINTR);
  return r == 0;
}

/* -1 with errno; EWOULDBLOCK when somebody else has it. */
static int try_lock(int directory, char const *name, struct stat const *owner)
{
  int fd = open_file(directory, name, owner);
  if (fd == -1) return -1;
  bool locked = keep_for_owner(fd, owner) && lock_now(fd);
  if (locked && has_name(fd, directory, name)) return fd;
  if (locked || errno == EAGAIN || errno == EACCES) errno = EWOULDBLOCK;
  fd_close(fd);
  return -1;
}

int dir_lock(int directory, char const *name, unsigned seconds)
{
  struct stat owner;
  if (fstat(directory, &owner) == -1) return -1;
  for (unsigned tries = TRIES_A_SECOND * seconds;; tries--) {
    int fd = try_lock(directory, name, &owner);
    if (fd != -1 || errno != EWOULDBLOCK || !tries) return fd;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000000L / TRIES_A_SECOND }, 0);
  }
}
