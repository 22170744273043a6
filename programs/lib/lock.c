#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "home.h"
#include "lock.h"

static bool lock(int fd, int how)
{
  int r;
  do r = flock(fd, how); while (r == -1 && errno == EINTR);
  return r == 0;
}

bool lock_wait(int fd) { return lock(fd, LOCK_EX); }
bool lock_try(int fd) { return lock(fd, LOCK_EX | LOCK_NB); }

/* A file that others could open once may still be open there: therefore the end of patience. */
static bool keep_for_owner(int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (S_ISREG(st.st_mode) && st.st_uid == geteuid()) return !(st.st_mode & 077) || fchmod(fd, 0600) == 0;
  errno = EPERM;
  return false;
}

static bool lock_within(int fd, unsigned seconds)
{
  enum { TRIES_A_SECOND = 20 };
  for (unsigned tries = TRIES_A_SECOND * seconds; !lock_try(fd); tries--) {
    if (errno != EWOULDBLOCK || !tries) return false;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000000L / TRIES_A_SECOND }, 0);
  }
  return true;
}

int lock_own_file(char const *path, unsigned seconds)
{
  int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd == -1 || (keep_for_owner(fd) && lock_within(fd, seconds))) return fd;
  fd_close(fd);
  return -1;
}

void lock_own_file_or_die(char const *path)
{
  if (lock_own_file(path, 60) != -1) return;
  if (errno == EWOULDBLOCK) strerr_dief(111, path, " is held by another program: fuser -v ", HOME, "/", path);
  strerr_diefusys(111, "lock ", path);
}

bool lock_try_shared(int fd) { return lock(fd, LOCK_SH | LOCK_NB); }
