#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "envelope_extra.h"
#include "notify.h"
#include "queue_client.h"
#include "resend.h"

static void send_message(struct queue_client *q, struct resend const *wanted)
{
  static char block[65536];
  for (off_t at = 0;;) {
    ssize_t r = wanted->is_stream ? read(wanted->message_fd, block, sizeof block)
                                  : pread(wanted->message_fd, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) queue_client_fail(q);
    if (r <= 0) return;
    queue_client_put(q, block, (size_t)r);
    at += r;
  }
}

/* How the message is made stays as it is, whoever sends it. */
static bool goes_along(char letter, enum resend_extras which)
{
  return which != RESEND_NEW_SENDER || letter == EXTRA_BODY || letter == EXTRA_SMTPUTF8;
}

/* Whoever wishes to hear of nothing else wishes to hear of nothing. */
static void send_notify(struct queue_client *q, struct field value, enum resend_extras which)
{
  char text[NOTIFY_TEXT];
  unsigned wishes = notify_scan(value.s, value.len);
  if (which != RESEND_ALL) wishes &= ~(unsigned)NOTIFY_SUCCESS;
  queue_client_extra(q, EXTRA_NOTIFY, text, notify_format(text, wishes ? wishes : NOTIFY_NEVER));
}

static void send_extras(struct queue_client *q, struct resend const *wanted, size_t line)
{
  static char const letters[] = { EXTRA_ENVID, EXTRA_RET, EXTRA_BODY, EXTRA_SMTPUTF8, EXTRA_NOTIFY, EXTRA_ORCPT };
  struct field words = extras_line(wanted->extras ? wanted->extras : "", line), value;
  for (size_t i = 0; i < sizeof letters; i++) {
    if (!goes_along(letters[i], wanted->which) || !extra_find(&value, words.s, words.len, letters[i])) continue;
    if (letters[i] == EXTRA_NOTIFY) send_notify(q, value, wanted->which);
    else queue_client_extra(q, (enum envelope_extra)letters[i], value.s, value.len);
  }
}

static void send_envelope(struct queue_client *q, struct resend const *wanted)
{
  stralloc const *addresses = wanted->addresses;
  queue_client_from(q, wanted->sender, strlen(wanted->sender));
  send_extras(q, wanted, 0);
  for (size_t i = 0; i < addresses->len;) {
    size_t len = strlen(addresses->s + i);
    queue_client_to(q, addresses->s + i, len);
    send_extras(q, wanted, 1);
    i += len + 1;
  }
}

enum resend_result resend(struct resend const *wanted, unsigned long *qp, char const **verdict)
{
  static struct queue_client q;
  if (!queue_client_open(&q)) return RESEND_NOT_STARTED;
  queue_client_put(&q, wanted->head, wanted->head_len);
  send_message(&q, wanted);
  send_envelope(&q, wanted);
  *verdict = queue_client_close(&q);
  if (**verdict) return RESEND_REFUSED;
  *qp = queue_client_qp(&q);
  return RESEND_DONE;
}
