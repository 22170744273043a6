#include <poll.h>
#include <string.h>

#include "frames.h"
#include "service.h"

long frames_take(struct frames *f, void *frame)
{
  long const n = f->unpack(frame, f->bytes + f->at, f->len - f->at);
  if (n > 0) f->at += (size_t)n;
  if (n) return n;
  memmove(f->bytes, f->bytes + f->at, f->len - f->at);
  f->len -= f->at;
  f->at = 0;
  return 0;
}

static bool comes(int fd, int64_t deadline)
{
  struct pollfd x = { .fd = fd, .events = POLLIN };
  return deadline == FRAMES_NO_DEADLINE ? poll(&x, 1, -1) != 0 : service_comes(fd, deadline);
}

bool frames_next(struct frames *f, void *frame, int fd, int64_t deadline)
{
  long n;
  while (!(n = frames_take(f, frame)))
    if (!comes(fd, deadline) || !service_take(fd, f->bytes, f->size, &f->len)) return false;
  return n > 0;
}
