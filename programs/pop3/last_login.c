#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <skalibs/djbunix.h>

#include "last_login.h"
#include "lock.h"

static enum last_login begin(void)
{
  int const fd = open(LAST_LOGIN_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd == -1) return errno == EEXIST ? LAST_LOGIN_TOO_RECENT : LAST_LOGIN_UNKNOWN;
  fd_close(fd);
  return LAST_LOGIN_PAST;
}

static enum last_login renew(int fd, unsigned long seconds)
{
  struct stat st;
  if (!lock_try(fd)) return errno == EWOULDBLOCK ? LAST_LOGIN_TOO_RECENT : LAST_LOGIN_UNKNOWN;
  if (fstat(fd, &st) == -1) return LAST_LOGIN_UNKNOWN;
  time_t const ago = time(0) - st.st_mtime;
  if (ago >= 0 && (unsigned long)ago < seconds) return LAST_LOGIN_TOO_RECENT;
  return futimens(fd, 0) == 0 ? LAST_LOGIN_PAST : LAST_LOGIN_UNKNOWN;
}

/* Non-blocking, for a FIFO that somebody put there must not hold us. */
enum last_login last_login_renew(unsigned long seconds)
{
  int const fd = open(LAST_LOGIN_FILE, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT ? begin() : LAST_LOGIN_UNKNOWN;
  enum last_login const said = renew(fd, seconds);
  int const e = errno;
  fd_close(fd);
  errno = e;
  return said;
}
