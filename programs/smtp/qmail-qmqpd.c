/* qmail-qmqpd: take the mail of hosts that have no queue of their own, by QMQP, and hand it to qmail-queue.

   runs as   qmaild, started by tcpserver, which lets in those hosts alone; one process for one message
   reads     a netstring on fd 0 that has message, sender and recipients in it; all else as qmail-smtpd
   changes   nothing itself; qmail-queue writes the queue. The answer goes to fd 1, the log to fd 2
   exits     0 with an answer, or when the client hung up; 100 when it speaks no QMQP, 111 when this machine fails, or the time is over
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "checks.h"
#include "message.h"
#include "netmail.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verdict.h"

enum { RECIPIENTS_MAX = 32 << 20 };     /* bytes of them all */

static struct message message;
static stralloc problem = STRALLOC_ZERO;        /* the first one; empty: there is none */

static void refuse(struct refusal const *no)
{
  if (problem.len) return;
  reply_note(no);
  if (!refusal_answer(&problem, no)) reply_no_memory();
}

static void take_message(uint32_t *left)
{
  session_command("message", 7);
  session.tally.commands++;
  uint32_t len = netmail_length(left);
  if (!message_begin(&message, BODY_STRICT)) reply_send_away(&REPLY_QUEUE_NOT_STARTED, "queue");
  netmail_text(&message, len, false);
  *left -= len;
  netmail_comma(left);
}

static struct refusal const *refusal_of_address(uint32_t *left, enum check_stage stage)
{
  if (!netmail_address(left, NETMAIL_ADDRESS_MAX)) return &REPLY_BAD_ADDRESS;
  if (problem.len) return 0;
  return checks_refusal(stage, &(struct check_subject){ .address = &session.command.address });
}

static void take_sender(uint32_t *left)
{
  session_command("sender", 6);
  struct refusal const *no = refusal_of_address(left, AT_USERS_SENDER);
  if (no) refuse(no);
  text_setb(&session.mail.sender, session.command.address.s, session.command.address.len);
  session.mail.open = true;
}

static void take_recipient(uint32_t *left)
{
  session_command("recipient", 9);
  session.command.of_recipient = true;
  struct refusal const *no = refusal_of_address(left, AT_USERS_RECIPIENT);
  if (!no && session.mail.recipients.len > RECIPIENTS_MAX) no = &REPLY_TOO_MANY_AT_ONCE;
  if (no) refuse(no);
  if (problem.len) return;
  text_addx(&session.mail.recipients, &session.command.address);
  text_end(&session.mail.recipients);
  session.mail.count++;
}

static void take_all(void)
{
  netmail_between_messages(true);
  uint32_t left = netmail_length(0);
  netmail_between_messages(false);
  take_message(&left);
  take_sender(&left);
  while (left) take_recipient(&left);
  netmail_comma(0);
}

static void say_ok(struct message *m)
{
  netmail_answer(netmail_ok(m));
}

static void say_problem(void)
{
  netmail_answer(text_z(&problem));
}

static void hand_over(void)
{
  static struct refusal_made refused;
  if (problem.len) {
    message_abandon(&message);
    say_problem();
    return;
  }
  session_command("message", 7);
  netmail_mark_utf8();
  struct message_end const end = message_queue(&message);
  if (!end.no && !*end.verdict) {
    message_accepted(&message, say_ok);
    return;
  }
  if (!end.no && !verdict_refusal(&refused, end.verdict)) reply_no_memory();
  refuse(end.no ? end.no : &refused.refusal);
  say_problem();
}

int main(void)
{
  PROG = "qmail-qmqpd";
  netmail_begin(SESSION_QMQP);
  take_all();
  hand_over();
  net_flush(&session.net);
  reply_leave(0, "quit");
}
