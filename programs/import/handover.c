#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "handover.h"
#include "queue_client.h"
#include "text.h"

enum { BLOCK = 65536 };

/* CR LF becomes LF. */
static size_t without_cr(char *s, size_t len, bool *pending)
{
  size_t to = 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\r' && i + 1 < len && s[i + 1] == '\n') continue;
    s[to++] = s[i];
  }
  *pending = to && s[to - 1] == '\r';
  return to - *pending;
}

static void put_body(struct queue_client *q, int body, bool has_crlf)
{
  static char block[BLOCK + 1];
  bool pending = false;
  ssize_t r;
  while ((r = fd_read(body, block + pending, BLOCK)) > 0) {
    if (pending) *block = '\r';
    size_t len = (size_t)r + pending;
    pending = false;
    if (has_crlf) len = without_cr(block, len, &pending);
    queue_client_put(q, block, len);
  }
  if (pending) queue_client_put(q, "\r", 1);
  if (r == -1) queue_client_fail(q);
}

/* An address that never had a domain gets ours. */
static void complete(stralloc *to, char const *s, size_t len)
{
  static stralloc host = STRALLOC_ZERO;
  text_setb(to, s, len);
  if (!len || memchr(s, '@', len)) return;
  if (!host.len && control_line(&host, "defaulthost") != 1) control_line(&host, "me");
  text_addc(to, '@');
  text_addx(to, &host);
}

bool handover(struct spooled const *m, int body, char const *name, bool (*body_is_whole)(void *), void *source)
{
  static struct queue_client q;
  static stralloc address = STRALLOC_ZERO;
  if (!queue_client_open(&q)) {
    strerr_warnwusys("queue ", name);
    return false;
  }
  queue_client_put(&q, m->header.s, m->header.len);
  if (m->header.len) queue_client_put(&q, "\n", 1);
  put_body(&q, body, m->has_crlf);
  if (body_is_whole && !body_is_whole(source)) queue_client_fail(&q);
  complete(&address, m->sender.s, m->sender.len);
  queue_client_from(&q, address.s, address.len);
  for (size_t at = 0; at < m->recipients.len; at += strlen(m->recipients.s + at) + 1) {
    complete(&address, m->recipients.s + at, strlen(m->recipients.s + at));
    queue_client_to(&q, address.s, address.len);
  }
  char const *problem = queue_client_close(&q);
  if (*problem) strerr_warnwu("queue ", name, ": ", problem + 1);
  return !*problem;
}
