#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "spool.h"

void spool_begin(struct spool *s)
{
  s->size = 0;
  s->fd = -1;
  s->used = 0;
}

static bool flush(struct spool *s)
{
  if (s->fd == -1) s->fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (s->fd == -1) s->fd = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (s->fd == -1 || allwrite(s->fd, s->memory, s->used) < s->used) return false;
  s->used = 0;
  return true;
}

bool spool_read(struct spool *s, int from, bool *is_ours)
{
  *is_ours = false;
  for (;;) {
    if (s->used == sizeof s->memory && !flush(s)) return *is_ours = true, false;
    ssize_t r = read(from, s->memory + s->used, sizeof s->memory - s->used);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return false;
    if (r == 0) break;
    s->used += (size_t)r;
    s->size += (uint64_t)r;
  }
  if (s->fd != -1 && !flush(s)) return *is_ours = true, false;
  return true;
}

ssize_t spool_at(struct spool *s, uint64_t at, char const **bytes)
{
  ssize_t r;
  if (s->fd == -1) {
    *bytes = s->memory + at;
    return (ssize_t)(s->size - at);
  }
  do r = pread(s->fd, s->memory, sizeof s->memory, (off_t)at);
  while (r == -1 && errno == EINTR);
  *bytes = s->memory;
  return r;
}
