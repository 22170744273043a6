#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "unwaited.h"

bool unwaited_ready(int fd)
{
  struct pollfd x = { .fd = fd, .events = POLLOUT };
  return poll(&x, 1, 0) == 1 && (x.revents & POLLOUT);
}

void unwaited_write(int fd, char const *s, size_t len)
{
  int e = errno;
  if (len > UNWAITED_MAX) len = UNWAITED_MAX;
  if (unwaited_ready(fd)) {
    ssize_t unheard = write(fd, s, len);
    (void)unheard;
  }
  errno = e;
}

void unwaited_fatal(char const *what)
{
  char line[UNWAITED_MAX];
  int e = errno;
  int n = snprintf(line, sizeof line, "%s: fatal: unable to %s%s%s\n", PROG, what, e ? ": " : "", e ? strerror(e) : "");
  if (n > 0) unwaited_write(2, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
  errno = e;
}
