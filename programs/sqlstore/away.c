#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <poll.h>

#include <skalibs/strerr.h>

#include "away.h"
#include "monotonic.h"

enum { BELIEVED_MS = 15000 };         /* longer than any question of the keeper takes */

static struct shared {
  _Atomic int64_t until;
  _Atomic int error;
  _Atomic bool is_used;               /* and that is told */
} *shared;
static int bell = -1;

bool away_share(void)
{
  bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return bell != -1 && shared != MAP_FAILED;
}

void away_begin(int error)
{
  bool was = away_is();
  shared->error = error;
  shared->until = monotonic_ms() + BELIEVED_MS;
  if (!was) away_ring();
}

void away_end(void)
{
  shared->until = 0;
  if (atomic_exchange(&shared->is_used, false)) strerr_warni("the database is back: the snapshot is used no more");
}

bool away_is(void)
{
  bool is = shared->until > monotonic_ms();
  if (is) errno = shared->error;
  return is;
}

void away_used(char const *what, long age)
{
  char digits[24];
  if (atomic_exchange(&shared->is_used, true)) return;
  snprintf(digits, sizeof digits, "%ld", age);
  strerr_warnw("the database is away: users are looked up in ", what, ", ", digits, " seconds old");
}

void away_ring(void)
{
  uint64_t const one = 1;
  if (write(bell, &one, sizeof one) == -1) return;
}

void away_listen(int ms)
{
  uint64_t rings;
  struct pollfd p = { .fd = bell, .events = POLLIN };
  if (poll(&p, 1, ms) == 1 && read(bell, &rings, sizeof rings) == -1) return;
}
