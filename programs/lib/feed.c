#include <errno.h>
#include <signal.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "feed.h"

static bool copy(int fd)
{
  char block[65536];
  for (;;) {
    ssize_t r = fd_read(0, block, sizeof block);
    if (r == -1) return false;
    if (!r || allwrite(fd, block, (size_t)r) < (size_t)r) return true;
  }
}

bool feed(int fd, pid_t pid, char const *head, size_t len)
{
  bool fed = allwrite(fd, head, len) < len || copy(fd);
  int e = errno;
  if (!fed) kill(pid, SIGKILL);
  fd_close(fd);
  errno = e;
  return fed;
}
