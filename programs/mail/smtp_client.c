#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <skalibs/allreadwrite.h>

#include "monotonic.h"
#include "smtp_client_internal.h"

enum { PARTING_SECONDS = 30 };    /* for a server that has only to say that it is still with us, or goodbye */

/* ---- steps ---- */

enum smtp_outcome smtp_step_run(struct smtp_client *c, smtp_step *step, void const *what)
{
  if (setjmp(c->over) == 0) c->ended = step(c, what);
  return c->ended;
}

void smtp_step_end(struct smtp_client *c, enum smtp_outcome outcome)
{
  c->ended = outcome;
  longjmp(c->over, 1);
}

/* Only a refusal counts: the server has not had the whole message. */
static bool heard_last_words(struct smtp_client *c)
{
  enum smtp_reply_state state = SMTP_REPLY_MORE;
  char byte;
  c->net.used = 0;
  smtp_reply_start(&c->reply);
  while (state == SMTP_REPLY_MORE && recv(c->net.in, &byte, 1, MSG_DONTWAIT) == 1)
    state = smtp_reply_take(&c->reply, byte);
  return state == SMTP_REPLY_DONE && c->reply.code >= 400;
}

static void end_refused_early(struct smtp_client *c, enum net_loss loss)
{
  if (loss == NET_TIMEOUT || loss == NET_SESSION_OVER) smtp_step_end(c, SMTP_SENSELESS);
  c->reply = c->early;
  smtp_step_end(c, SMTP_BROKE_OFF);
}

void smtp_lost(struct smtp_client *c, enum net_loss loss)
{
  if (c->refused_early) end_refused_early(c, loss);
  bool in_message = c->stage >= SMTP_SENDING && loss == NET_ERROR && c->net.used;
  smtp_step_end(c, in_message && heard_last_words(c) ? SMTP_BROKE_OFF : SMTP_DIED);
}

static void net_lost(struct net *n, enum net_loss loss)
{
  smtp_lost((struct smtp_client *)n, loss);
}

/* ---- saying and hearing ---- */

void smtp_expect_silence(struct smtp_client *c)
{
  if (!c->owed && c->net.begin != c->net.end) smtp_step_end(c, SMTP_SENSELESS);
}

void smtp_say(struct smtp_client *c, char const *const *words)
{
  while (*words) net_puts(&c->net, *words++);
  net_puts(&c->net, "\r\n");
  c->owed++;
}

static void say(struct smtp_client *c, char const *word, char const *argument)
{
  smtp_expect_silence(c);
  smtp_say(c, (char const *const[]){ word, argument, 0 });
}

/* The rest of a reply, which must come within its time as a whole (RFC 5321 4.5.3.2). */
static void hear_on(struct smtp_client *c)
{
  enum smtp_reply_state state;
  net_allow(&c->net, c->net.timeout);
  do state = smtp_reply_take(&c->reply, net_getc(&c->net)); while (state == SMTP_REPLY_MORE);
  if (state == SMTP_REPLY_SENSELESS) smtp_step_end(c, SMTP_SENSELESS);
  c->owed--;
  c->last_code = c->reply.code;
  net_allow(&c->net, c->net.timeout);
}

enum smtp_verdict smtp_hear(struct smtp_client *c)
{
  smtp_reply_start(&c->reply);
  hear_on(c);
  return c->reply.code / 100;
}

/* Of the positive ones 21x tell something, 22x greet and part, 23x are about who we are (RFC 5321 4.2.1, RFC 4954). */
static bool is_of_another_kind(unsigned code)
{
  return code >= 210 && code < 240;
}

enum smtp_verdict smtp_hear_verdict(struct smtp_client *c)
{
  enum smtp_verdict v = smtp_hear(c);
  if (v == SMTP_GO_ON || is_of_another_kind(c->reply.code)) smtp_step_end(c, SMTP_SENSELESS);
  return v;
}

/* ---- the beginning ---- */

/* Each transaction anew: whoever accepts one moves something. */
static void allow_transaction(struct smtp_client *c)
{
  c->whole_end = monotonic_seconds() + (time_t)c->times.whole;
  c->net.session_end = monotonic_seconds() + (time_t)c->times.envelope;
  if (c->whole_end < c->net.session_end) c->net.session_end = c->whole_end;
}

void smtp_client_begin(struct smtp_client *c, int in, int out, struct smtp_times const *times)
{
  net_init(&c->net, in, out, times->answer, times->whole, net_lost);
  smtp_reply_start(&c->reply);
  c->stage = SMTP_GREETING;
  c->offered = c->last_code = 0;
  c->proven = c->refused_early = c->speaks_lmtp = c->knows_not_now = false;
  c->times = *times;
  c->owed = 1;
  c->taken = 0;
  allow_transaction(c);
}

static enum smtp_outcome hello(struct smtp_client *c, char const *name)
{
  say(c, c->speaks_lmtp ? "LHLO " : "EHLO ", name);
  smtp_hear_verdict(c);
  if (c->reply.code == 250) {
    c->offered = smtp_reply_extensions(c->reply.text, c->reply.len);
    return SMTP_OK;
  }
  if (c->reply.code == 421 || c->speaks_lmtp) return SMTP_NAME_REJECTED;
  c->knows_not_now = c->reply.code / 100 == 4;
  say(c, "HELO ", name);
  smtp_hear_verdict(c);
  return c->reply.code == 250 ? SMTP_OK : SMTP_NAME_REJECTED;
}

static enum smtp_outcome greet(struct smtp_client *c, void const *name)
{
  smtp_hear(c);
  if (c->reply.code != 220) return SMTP_GREETING_FAILED;
  c->stage = SMTP_BEFORE_MAIL;
  return hello(c, name);
}

enum smtp_outcome smtp_client_greet(struct smtp_client *c, char const *name)
{
  return smtp_step_run(c, greet, name);
}

/* ---- TLS ---- */

/* Whoever listens in passing can put commands of his own, or answers, in front of what comes by TLS, if they are believed
   there (CVE-2021-38371). */
static enum smtp_outcome starttls(struct smtp_client *c, void const *nothing)
{
  (void)nothing;
  say(c, "STARTTLS", "");
  enum smtp_verdict v = smtp_hear(c);
  if (c->reply.code == 220) return c->net.begin == c->net.end ? SMTP_OK : SMTP_INJECTED;
  return v >= SMTP_TEMPORARY ? SMTP_TLS_REFUSED : SMTP_SENSELESS;
}

enum smtp_outcome smtp_client_starttls(struct smtp_client *c)
{
  return smtp_step_run(c, starttls, 0);
}

static enum smtp_outcome greet_again(struct smtp_client *c, void const *name)
{
  c->offered = 0;
  c->owed = 0;
  c->stage = SMTP_BEFORE_MAIL;
  return hello(c, name);
}

enum smtp_outcome smtp_client_greet_again(struct smtp_client *c, int in, int out, char const *name)
{
  c->net.in = in;
  c->net.out = out;
  c->net.begin = c->net.end = c->net.used = 0;
  return smtp_step_run(c, greet_again, name);
}

/* ---- another transaction ---- */

static enum smtp_outcome resume(struct smtp_client *c, void const *whole)
{
  smtp_be_brief(c);
  if (*(bool const *)whole) c->owed = 0;
  else hear_on(c);
  if (c->reply.code != 250) return SMTP_RESET_FAILED;
  c->net.timeout = c->times.answer;
  return SMTP_OK;
}

enum smtp_outcome smtp_client_resume(struct smtp_client *c, int in, int out, struct smtp_times const *times,
                                     unsigned offered, struct smtp_reply const *reset, bool whole)
{
  smtp_client_begin(c, in, out, times);
  c->stage = SMTP_BEFORE_MAIL;
  c->offered = offered;
  c->reply = *reset;
  return smtp_step_run(c, resume, &whole);
}

static enum smtp_outcome reset(struct smtp_client *c, void const *nothing)
{
  (void)nothing;
  c->net.timeout = c->times.answer;
  c->stage = SMTP_BEFORE_MAIL;
  say(c, "RSET", "");
  while (c->owed > 1) smtp_hear(c);
  if (smtp_hear_verdict(c) != SMTP_POSITIVE) return SMTP_RESET_FAILED;
  smtp_expect_silence(c);
  c->proven = true;
  allow_transaction(c);
  return SMTP_OK;
}

enum smtp_outcome smtp_client_reset(struct smtp_client *c)
{
  return smtp_step_run(c, reset, 0);
}

/* ---- the end ---- */

void smtp_be_brief(struct smtp_client *c)
{
  c->net.timeout = c->times.answer < PARTING_SECONDS ? c->times.answer : PARTING_SECONDS;
}

bool smtp_client_is_idle(struct smtp_client const *c)
{
  return c->reply.code != 421 && c->net.begin == c->net.end;
}

void smtp_client_quit(struct smtp_client const *c)
{
  static char const quit[] = "QUIT\r\n";
  struct pollfd x = { .fd = c->net.out, .events = POLLOUT };
  if (send(c->net.out, quit, sizeof quit - 1, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 && errno == ENOTSOCK && poll(&x, 1, 0) == 1)
    allwrite(c->net.out, quit, sizeof quit - 1);
}

/* The answer to QUIT cannot be taken for one to another command; where it looks like that, there must not be one more. */
static enum smtp_outcome part(struct smtp_client *c, void const *nothing)
{
  (void)nothing;
  smtp_be_brief(c);
  net_puts(&c->net, "QUIT\r\n");
  for (c->owed++; c->owed; )
    if (smtp_hear(c) == SMTP_GO_ON && c->owed == 1) return SMTP_OK;   /* to DATA after a refused sender: QUIT is text */
  if (c->net.begin == c->net.end && (c->reply.code / 10 == 22 || c->reply.code == 421)) return SMTP_OK;
  if (c->reply.code / 100 != SMTP_GO_ON) smtp_hear(c);
  return SMTP_SENSELESS;
}

/* A server that breaks off, or is silent, owes us nothing. */
bool smtp_client_part(struct smtp_client *c)
{
  return smtp_step_run(c, part, 0) != SMTP_SENSELESS;
}
