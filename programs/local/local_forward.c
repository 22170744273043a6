#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>

#include "local_end.h"
#include "local_forward.h"
#include "local_memory.h"
#include "queue_client.h"
#include "text.h"

static stralloc addresses = STRALLOC_ZERO;      /* each with its NUL */
static size_t count;

void forward_add(char const *address, size_t len)
{
  text_addb(&addresses, address, len);
  text_addb(&addresses, "", 1);
  count++;
}

size_t forward_count(void)
{
  return count;
}

static void send_message(struct queue_client *q)
{
  static char block[65536];
  for (off_t at = 0;;) {
    ssize_t r = pread(0, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) queue_client_fail(q);
    if (r <= 0) return;
    queue_client_put(q, block, (size_t)r);
    at += r;
  }
}

static void send_envelope(struct queue_client *q, stralloc const *sender)
{
  queue_client_from(q, sender->s, sender->len);
  for (size_t i = 0; i < addresses.len;) {
    size_t len = strlen(addresses.s + i);
    queue_client_to(q, addresses.s + i, len);
    i += len + 1;
  }
}

unsigned long forward_send(struct local_mail const *m)
{
  static struct queue_client q;
  memory_unlimit();
  if (!queue_client_open(&q)) local_defer("Unable to fork: ", reason(errno), ". (#4.3.0)");
  queue_client_put(&q, m->delivered_to.s, m->delivered_to.len);
  send_message(&q);
  send_envelope(&q, &m->new_sender);
  char const *problem = queue_client_close(&q);
  if (*problem) strerr_die(queue_client_end(problem), "Unable to forward message: ", problem + 1, ".");
  return queue_client_qp(&q);
}
