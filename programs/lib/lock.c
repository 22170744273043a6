#include <errno.h>
#include <sys/file.h>

#include "lock.h"

static bool lock(int fd, int how)
{
  int r;
  do r = flock(fd, how); while (r == -1 && errno == EINTR);
  return r == 0;
}

bool lock_wait(int fd) { return lock(fd, LOCK_EX); }
bool lock_try(int fd) { return lock(fd, LOCK_EX | LOCK_NB); }
bool lock_try_shared(int fd) { return lock(fd, LOCK_SH | LOCK_NB); }
