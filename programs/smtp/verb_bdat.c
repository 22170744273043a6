#include <skalibs/types.h>

#include "chunk.h"
#include "message.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "verbs.h"

/* Lives from the first chunk of a mail to its last, while session.mail.chunked is set. */
static struct message message;

static void abandon_message(void)
{
  message_abandon(&message);
}

/* Of what was announced, as much as is here, and at least a byte. */
static size_t available(uint64_t left)
{
  struct net *net = &session.net;
  if (net->begin == net->end) net_fill(net);
  return left < net->end - net->begin ? (size_t)left : net->end - net->begin;
}

/* What was announced comes, whatever becomes of it: it is text, and may look like commands. */
static void drop(uint64_t left)
{
  for (size_t n; left; left -= n) net_pass(&session.net, n = available(left));
}

static void take(uint64_t left)
{
  static char stored[sizeof session.net.input + 1];
  size_t len;
  for (size_t n; left; left -= n) {
    n = available(left);
    body_take(&message.body, session.net.input + session.net.begin, n, stored, &len);
    net_pass(&session.net, n);
    message_put(&message, stored, len, n);
  }
}

static bool begin(void)
{
  if (!message_begin(&message, policy.bare_normalised ? BODY_CHUNKS_NORMALISED : BODY_CHUNKS)) return false;
  session.mail.chunked = true;
  session.mail.abandon = abandon_message;
  return true;
}

/* Why there can be no such chunk, whatever is in it. */
static struct refusal const *refusal_of_chunk(void)
{
  if (!session.mail.open) return &REPLY_MAIL_FIRST;
  if (!session.mail.count) return &REPLY_RCPT_FIRST;
  return session.mail.chunked || begin() ? 0 : &REPLY_QUEUE_NOT_STARTED;
}

/* A client that sends its chunks without waiting has the same answer to all of them up to the last; the log hears once. */
static void refuse(struct refusal const *no, bool is_last)
{
  if (session.mail.refused == no) reply_refuse_again(no);
  else reply_refuse(no);
  session_forget_mail();
  if (!is_last) session.mail.refused = no;
}

static void accept_chunk(uint64_t len)
{
  char number[UINT64_FMT];
  net_puts(&session.net, REPLY_CHUNK_OK);
  net_put(&session.net, number, uint64_fmt(number, len));
  reply_line(" octets");
}

static void finish(void)
{
  char end[BODY_END_MAX];
  message_put(&message, end, body_end(&message.body, end), 0);
  message_hand_over(&message);
  session.mail.abandon = 0;
  session_forget_mail();
}

static void go_on(struct chunk const *c)
{
  take(c->len);
  struct refusal const *no = c->is_last ? 0 : message_refusal(&message);
  if (no) refuse(no, false);
  else if (c->is_last) finish();
  else accept_chunk(c->len);
}

void verb_bdat(char *arg, size_t len)
{
  struct chunk c;
  if (!chunk_read(&c, arg, len)) reply_send_away(&REPLY_CHUNK_LOST, "chunk lost");
  struct refusal const *no = session.mail.refused ? session.mail.refused : refusal_of_chunk();
  if (!no) {
    go_on(&c);
    return;
  }
  drop(c.len);
  refuse(no, c.is_last);
}
