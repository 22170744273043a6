#include <unistd.h>

#include <skalibs/djbunix.h>

#include "kept_call.h"
#include "monotonic.h"

enum {
  SOON_MS = 250,
  REST_MS = 10000
};

int kept_call_again(struct kept_call *k, int64_t *deadline)
{
  if (k->fd != -1 && k->caller != getpid()) kept_call_end(k);
  if (k->fd == -1) return -1;
  k->soon = monotonic_ms() + SOON_MS;
  if (k->soon < *deadline) *deadline = k->soon;
  return k->fd;
}

bool kept_call_wanted(struct kept_call *k)
{
  bool const wanted = k->is_usual && monotonic_ms() >= k->rests;
  k->is_usual = true;
  return wanted;
}

void kept_call_hold(struct kept_call *k, int fd)
{
  k->fd = fd;
  k->caller = getpid();
}

void kept_call_end(struct kept_call *k)
{
  if (k->fd != -1) fd_close(k->fd);
  k->fd = -1;
}

void kept_call_failed(struct kept_call *k)
{
  int64_t const now = monotonic_ms();
  if (now >= k->soon) k->rests = now + REST_MS;
  kept_call_end(k);
}
