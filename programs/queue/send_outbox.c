#include <errno.h>
#include <unistd.h>

#include "send_outbox.h"

bool outbox_full(struct outbox const *o)
{
  return o->sent < o->bytes.len;
}

bool outbox_write(struct outbox *o)
{
  while (outbox_full(o)) {
    ssize_t r = write(o->fd, o->bytes.s + o->sent, o->bytes.len - o->sent);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return errno == EAGAIN;
    o->sent += (size_t)r;
  }
  o->bytes.len = o->sent = 0;
  return true;
}
