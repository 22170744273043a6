#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "queue_client.h"
#include "resend.h"

static void send_message(struct queue_client *q, int fd)
{
  static char block[65536];
  for (off_t at = 0;;) {
    ssize_t r = pread(fd, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) queue_client_fail(q);
    if (r <= 0) return;
    queue_client_put(q, block, (size_t)r);
    at += r;
  }
}

static void send_envelope(struct queue_client *q, char const *sender, stralloc const *addresses)
{
  queue_client_from(q, sender, strlen(sender));
  for (size_t i = 0; i < addresses->len;) {
    size_t len = strlen(addresses->s + i);
    queue_client_to(q, addresses->s + i, len);
    i += len + 1;
  }
}

enum resend_result resend(struct resend const *wanted, unsigned long *qp, char const **verdict)
{
  static struct queue_client q;
  if (!queue_client_open(&q)) return RESEND_NOT_STARTED;
  queue_client_put(&q, wanted->head, wanted->head_len);
  send_message(&q, wanted->message_fd);
  send_envelope(&q, wanted->sender, wanted->addresses);
  *verdict = queue_client_close(&q);
  if (**verdict) return RESEND_REFUSED;
  *qp = queue_client_qp(&q);
  return RESEND_DONE;
}
