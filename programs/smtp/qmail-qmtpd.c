/* qmail-qmtpd: take mail from the network by QMTP and hand it to qmail-queue.

   runs as   qmaild, started by tcpserver, one process for one connection
   reads     packages on fd 0: a message, its sender, its recipients; all else as qmail-smtpd
   changes   nothing itself; qmail-queue writes the queue. Answers go to fd 1, the log to fd 2
   exits     0 when the client hung up, 100 when it speaks no QMTP, 111 when this machine fails, or the time is over
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "checks.h"
#include "guessing.h"
#include "message.h"
#include "netmail.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verdict.h"

static struct message message;

/* What each recipient of the package is told, and why the good ones may hear otherwise. */
static struct {
  stralloc texts;                       /* a text for each, with a NUL behind it; empty: what becomes of the message */
  size_t count;
  struct refusal const *no_more;        /* what those hear who come behind them; null: all are looked at */
  size_t rest;                          /* how many those are */
  stralloc sender;                      /* empty: it is as good as any */
  char const *good;                     /* what becomes of the message */
} answers;

static void forget_answers(void)
{
  answers.texts.len = answers.sender.len = answers.count = answers.rest = 0;
  answers.no_more = 0;
}

static void add_refusal(stralloc *to, struct refusal const *no)
{
  if (!refusal_answer(to, no)) reply_no_memory();
}

/* ---- the package ---- */

static void take_message(void)
{
  netmail_between_messages(true);
  uint32_t len = netmail_length(0);
  netmail_between_messages(false);
  session_command("message", 7);
  session.tally.commands++;
  char line_end = len ? netmail_byte(0) : 0;
  if (line_end != '\n' && line_end != '\r') netmail_broken();
  if (!message_begin(&message, BODY_STRICT)) reply_send_away(&REPLY_QUEUE_NOT_STARTED, "queue");
  netmail_text(&message, len - 1, line_end == '\r');
  netmail_comma(0);
}

static struct refusal const *refusal_of_sender(void)
{
  stralloc const *address = &session.command.address;
  if (!netmail_address(0, NETMAIL_ADDRESS_MAX)) return &REPLY_BAD_SENDER;
  text_setb(&session.mail.sender, address->s, address->len);
  session.mail.open = true;
  session.mail.unwanted = checks_list_has(&policy.unwanted.senders, address);
  return checks_refusal(AT_SENDER, &(struct check_subject){ .address = address, .utf8 = true });
}

static void take_sender(void)
{
  session_command("sender", 6);
  struct refusal const *no = refusal_of_sender();
  if (!no) return;
  reply_note(no);
  add_refusal(&answers.sender, no);
}

static size_t suffix_length(void)
{
  return session.client.suffix ? strlen(session.client.suffix) : 0;
}

static struct refusal const *refusal_of_recipient(uint32_t *left)
{
  size_t suffix = suffix_length();
  if (!netmail_address(left, suffix < NETMAIL_ADDRESS_MAX ? NETMAIL_ADDRESS_MAX - suffix : 0)) return &REPLY_BAD_RECIPIENT;
  if (answers.no_more) return answers.no_more;
  return checks_refusal(AT_RECIPIENT, &(struct check_subject){ .address = &session.command.address, .utf8 = true });
}

static void add_recipient(void)
{
  text_addx(&session.mail.recipients, &session.command.address);
  if (session.client.suffix) text_add(&session.mail.recipients, session.client.suffix);
  text_end(&session.mail.recipients);
  session.mail.count++;
}

/* Who asks for too much is told so for what is left, and looked at no more. */
static void tire(struct refusal const *no)
{
  if (no && no->code / 100 == 5) session.tally.errors++;
  if (no == &REPLY_NO_MAILBOX) net_pause(&session.net, guessing_seconds(++session.tally.unknown));
  if (session.tally.errors > policy.errors_max) answers.no_more = &REPLY_TOO_MANY_ERRORS;
  else if (answers.count == policy.recipients_max) answers.no_more = &REPLY_TOO_MANY_RECIPIENTS;
}

static void take_recipient(uint32_t *left)
{
  session_command("recipient", 9);
  session.command.of_recipient = true;
  struct refusal const *no = refusal_of_recipient(left);
  if (answers.no_more) {
    if (!answers.rest++) reply_note(answers.no_more);
    return;
  }
  if (no) reply_note(no);
  if (no) add_refusal(&answers.texts, no);
  else add_recipient();
  text_end(&answers.texts);
  answers.count++;
  tire(no);
}

static void take_recipients(void)
{
  uint32_t left = netmail_length(0);
  while (left) take_recipient(&left);
  netmail_comma(0);
}

/* ---- what becomes of it ---- */

static void answer_rest(void)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  if (!answers.rest) return;
  add_refusal(&text, answers.no_more);
  text_z(&text);
  for (; answers.rest; answers.rest--) netmail_answer(text.s);
}

static void answer_all(struct message *m)
{
  if (m) answers.good = netmail_ok(m);
  for (char const *s = answers.texts.s; answers.count; answers.count--, s += strlen(s) + 1) netmail_answer(*s ? s : answers.good);
  answer_rest();
}

static void answer_good_with(struct refusal const *no)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  session_command("message", 7);
  reply_note(no);
  add_refusal(&text, no);
  answers.good = text_z(&text);
  answer_all(0);
}

/* Where nobody is left to have the message it goes nowhere. */
static void answer_unqueued(void)
{
  message_abandon(&message);
  answers.good = answers.sender.len ? text_z(&answers.sender) : "";
  answer_all(0);
}

static void hand_over(void)
{
  static struct refusal_made refused;
  if (!session.mail.count || answers.sender.len) {
    answer_unqueued();
    return;
  }
  netmail_mark_utf8();
  struct message_end const end = message_queue(&message);
  if (end.no) answer_good_with(end.no);
  else if (!*end.verdict) message_accepted(&message, answer_all);
  else if (verdict_refusal(&refused, end.verdict)) answer_good_with(&refused.refusal);
  else reply_no_memory();
}

/* As qmail-smtpd does: who has made so many mistakes may come again. */
static void leave_who_errs(void)
{
  if (answers.no_more != &REPLY_TOO_MANY_ERRORS) return;
  net_flush(&session.net);
  reply_leave(111, "errors");
}

static _Noreturn void take_packages(void)
{
  for (;;) {
    forget_answers();
    take_message();
    take_sender();
    take_recipients();
    hand_over();
    leave_who_errs();
    session_forget_mail();
  }
}

int main(void)
{
  PROG = "qmail-qmtpd";
  netmail_begin(SESSION_QMTP);
  take_packages();
}
