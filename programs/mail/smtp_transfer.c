#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "smtp_body.h"
#include "smtp_client_internal.h"

enum { BLOCK = 32768 };    /* bytes that are encoded at once */

/* What stands between us and the network, such as a program that speaks TLS, has pipes. */
static bool pipe_has_something(int fd)
{
  struct pollfd x = { .fd = fd, .events = POLLIN };
  return poll(&x, 1, 0) == 1;
}

static bool has_said_something(struct smtp_client *c)
{
  char byte;
  if (c->net.begin != c->net.end) return true;
  ssize_t r = recv(c->net.in, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (r == -1 && (errno == EAGAIN || errno == EINTR)) return false;
  if (r == -1 && errno == ENOTSOCK) return pipe_has_something(c->net.in);
  if (r == -1) smtp_lost(c, NET_ERROR);
  return true;
}

/* An answer before the end of the message is none to the message. A refusal counts if the server breaks off with it. */
static void hear_nothing_yet(struct smtp_client *c)
{
  if (!has_said_something(c)) return;
  c->net.used = 0;
  c->owed++;
  if (smtp_hear(c) < SMTP_TEMPORARY) smtp_step_end(c, SMTP_SENSELESS);
  c->early = c->reply;
  c->refused_early = true;
  smtp_be_brief(c);
  smtp_hear(c);
  smtp_step_end(c, SMTP_SENSELESS);
}

static void put_piece(struct smtp_client *c, enum smtp_body_state *at, char const *s, size_t len)
{
  static char encoded[SMTP_BODY_GROWTH * BLOCK];
  for (size_t n; len; s += n, len -= n) {
    n = len < BLOCK ? len : BLOCK;
    net_put(&c->net, encoded, smtp_body_encode(at, encoded, s, n));
  }
}

static void put_end(struct smtp_client *c, enum smtp_body_state at)
{
  char end[SMTP_BODY_END_MAX];
  hear_nothing_yet(c);
  c->stage = SMTP_DOT_SENT;
  net_put(&c->net, end, smtp_body_finish(at, end));
  c->owed++;
}

static enum smtp_outcome message(struct smtp_client *c, void const *source_)
{
  struct smtp_source const *source = source_;
  enum smtp_body_state at = BODY_LINE_START;
  char const *piece;
  ssize_t r;
  c->stage = SMTP_SENDING;
  c->net.session_end = c->whole_end;
  smtp_expect_silence(c);
  c->net.timeout = c->times.data;
  if (!source->begin()) return SMTP_UNREADABLE;
  while ((r = source->next(&piece)) > 0) {
    net_allow(&c->net, c->times.data);
    put_piece(c, &at, piece, (size_t)r);
  }
  if (r == -1) return SMTP_UNREADABLE;
  put_end(c, at);
  return SMTP_OK;
}

enum smtp_outcome smtp_client_message(struct smtp_client *c, struct smtp_source const *source)
{
  return smtp_step_run(c, message, source);
}

static enum smtp_outcome verdict(struct smtp_client *c, void const *nothing)
{
  (void)nothing;
  c->net.timeout = c->times.dot;
  return smtp_hear_verdict(c) == SMTP_POSITIVE ? SMTP_OK : SMTP_MESSAGE_FAILED;
}

enum smtp_outcome smtp_client_verdict(struct smtp_client *c)
{
  return smtp_step_run(c, verdict, 0);
}
