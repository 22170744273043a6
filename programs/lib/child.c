#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <skalibs/djbunix.h>

#include "child.h"
#include "monotonic.h"

static enum child_end watch(pid_t pid, int64_t deadline)
{
  struct pollfd end = { .fd = pidfd_open(pid, 0), .events = POLLIN };
  int r;
  if (end.fd == -1) return CHILD_UNWATCHED;
  do {
    int64_t left = deadline - monotonic_ms();
    r = poll(&end, 1, left > 0 ? (int)left : 0);
  } while (r == -1 && errno == EINTR);
  fd_close(end.fd);
  return r == 1 ? CHILD_ENDED : r == 0 ? CHILD_LATE : CHILD_UNWATCHED;
}

/* It may not have its group yet. */
static void stop(pid_t pid)
{
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
}

enum child_end child_wait(pid_t pid, int ms, int *wstat)
{
  enum child_end end = watch(pid, monotonic_ms() + ms);
  if (end != CHILD_ENDED) stop(pid);
  while (waitpid(pid, wstat, 0) == -1 && errno == EINTR) { }
  return end;
}
