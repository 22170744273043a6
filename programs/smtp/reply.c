#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture.h"
#include "grant.h"
#include "journal.h"
#include "monotonic.h"
#include "policy.h"
#include "refusal.h"
#include "reply.h"
#include "session.h"

enum { FAREWELL_SECONDS = 2 };        /* for a client that is sent away to read why */

char const
  REPLY_OK[] = "250 2.0.0 ok",
  REPLY_SENDER_OK[] = "250 2.1.0 ok",
  REPLY_RECIPIENT_OK[] = "250 2.1.5 ok",
  REPLY_FLUSHED[] = "250 2.0.0 flushed",
  REPLY_TRY[] = "252 2.5.0 send some mail, i'll try my best",
  REPLY_GO_AHEAD[] = "354 go ahead",
  REPLY_CHUNK_OK[] = "250 2.0.0 ",
  REPLY_WELCOME[] = "235 2.7.0 welcome",
  REPLY_READY_FOR_TLS[] = "220 2.0.0 ready for TLS",
  REPLY_TURNING[] = "250 2.0.0 now it is your turn to greet";

struct refusal const
  REPLY_NO_CONTROLS = { 421, "4.3.0", "unable to read controls" },
  REPLY_NO_MEMORY = { 421, "4.3.0", "out of memory" },
  REPLY_NO_OWN_ADDRESSES = { 421, "4.3.0", "unable to figure out my IP addresses" },
  REPLY_NO_RCPTHOSTS = { 421, "4.3.5", "no control/rcpthosts, refusing to be an open relay" },
  REPLY_TALKS_EARLY = { 503, "5.5.0", "you must wait for the answer to this command" },
  REPLY_TALKS_FIRST = { 554, "5.5.0", "you must wait for the greeting" },
  REPLY_NOT_A_WEB_SERVER = { 421, "4.7.0", "this is a mail server" },
  REPLY_TOO_MANY_UNKNOWN = { 421, "4.7.0", "too many unknown recipients" },
  REPLY_TOO_MANY_ERRORS = { 421, "4.7.0", "too many errors" },
  REPLY_TIMEOUT = { 451, "4.4.2", "timeout" },
  REPLY_SESSION_OVER = { 421, "4.4.2", "this session took too long" },

  REPLY_LINE_TOO_LONG = { 500, "5.5.2", "line too long" },
  REPLY_LINE_IS_BROKEN = { 500, "5.5.2", "a command ends with CR LF and holds no other CR, LF or NUL" },
  REPLY_UNIMPLEMENTED = { 502, "5.5.1", "unimplemented" },
  REPLY_MAIL_FIRST = { 503, "5.5.1", "MAIL first" },
  REPLY_RCPT_FIRST = { 503, "5.5.1", "RCPT first" },
  REPLY_IN_CHUNKS = { 503, "5.5.1", "BDAT LAST or RSET first" },
  REPLY_CHUNK_LOST = { 521, "5.5.4", "BDAT needs a number, and nothing but LAST behind it" },
  REPLY_SYNTAX = { 555, "5.5.4", "syntax error" },
  REPLY_UNKNOWN_PARAMETER = { 555, "5.5.4", "unknown parameter" },
  REPLY_BAD_VALUE = { 501, "5.5.4", "bad value of a parameter" },

  REPLY_UNWANTED_SENDER = { 553, "5.7.1", "sorry, your envelope sender is in my badmailfrom list" },
  REPLY_UNWANTED_HELLO = { 553, "5.7.1", "sorry, your host name is in my badhelo list" },
  REPLY_UNWANTED_RECIPIENT = { 553, "5.7.1", "sorry, that recipient is in my badrcptto list" },
  REPLY_NOT_OURS = { 553, "5.7.1", "sorry, that domain isn't in my list of allowed rcpthosts" },
  REPLY_CANNOT_TELL = { 451, "4.3.0", "sorry, i cannot tell now whether you may send to that domain" },
  REPLY_HYPHEN = { 553, "5.1.3", "an address that begins with a hyphen is not taken here" },
  REPLY_UTF8_SENDER = { 550, "5.6.7", "a sender with characters beyond ASCII needs SMTPUTF8" },
  REPLY_UTF8_RECIPIENT = { 553, "5.6.7", "a recipient with characters beyond ASCII needs SMTPUTF8" },
  REPLY_NOT_UTF8 = { 553, "5.6.7", "that address is not in UTF-8" },
  REPLY_NO_SUCH_DOMAIN = { 553, "5.1.2", "no domain can have that name" },
  REPLY_NOT_YOUR_MAIL = { 459, "4.7.1", "you may not call for the mail of that domain" },
  REPLY_CALLED_JUST_NOW = { 458, "4.4.5", "somebody has called for that mail less than a minute ago" },
  REPLY_CANNOT_CALL = { 458, "4.3.0", "i cannot send that mail now" },
  REPLY_TURN_REFUSED = { 450, "4.7.1", "you may not call for the mail of that domain" },
  REPLY_CANNOT_TURN = { 451, "4.3.0", "i cannot send that mail now" },
  REPLY_NO_MAIL = { 453, "4.2.0", "you have no mail" },
  REPLY_NO_DOMAINS = { 501, "5.5.4", "ATRN wants domains with commas between them, or nothing" },
  REPLY_NO_DOMAIN = { 501, "5.5.4", "ETRN wants a domain, or @domain for all below it as well" },
  REPLY_NO_MAILBOX = { 550, "5.1.1", "sorry, no mailbox here by that name" },
  REPLY_LOCKED = { 550, "5.2.1", "sorry, that account is locked" },
  REPLY_FULL = { 552, "5.2.2", "sorry, that mailbox is full" },
  REPLY_FULL_NOW = { 452, "4.2.2", "sorry, that mailbox is full now" },
  REPLY_CANNOT_LOOK = { 451, "4.3.0", "sorry, i cannot look for that mailbox now" },
  REPLY_NOBODY = { 550, "5.1.3", "a recipient needs an address" },
  REPLY_TOO_MANY_RECIPIENTS = { 452, "4.5.3", "too many recipients" },

  REPLY_AUTH_NOT_NOW = { 503, "5.5.1", "AUTH comes once, behind EHLO, before MAIL" },
  REPLY_ONLY_IN_TLS = { 538, "5.7.11", "AUTH is for connections over TLS" },
  REPLY_NO_MECHANISM = { 504, "5.5.4", "no such mechanism" },
  REPLY_GARBLED = { 501, "5.5.2", "that is no base64" },
  REPLY_CANCELLED = { 501, "5.7.0", "cancelled" },
  REPLY_UNFIT = { 501, "5.5.4", "here the server begins" },
  REPLY_RESPONSE_TOO_LONG = { 500, "5.5.6", "response too long" },
  REPLY_WRONG_PASSWORD = { 535, "5.7.8", "wrong name or password" },
  REPLY_CANNOT_PROVE = { 454, "4.7.0", "sorry, i cannot look at passwords now" },
  REPLY_MUST_WAIT = { 421, "4.7.0", "too many wrong passwords came from your address, come again later" },
  REPLY_TOO_MANY_PASSWORDS = { 421, "4.7.0", "too many wrong passwords" },
  REPLY_AUTH_FIRST = { 530, "5.7.0", "log in first" },
  REPLY_NOT_YOUR_SENDER = { 553, "5.7.1", "sorry, that sender address is not yours" },
  REPLY_FROZEN = { 550, "5.7.1", "sorry, this account is frozen" },
  REPLY_CANNOT_TELL_SENDER = { 451, "4.3.0", "sorry, i cannot tell now whose sender address that is" },

  REPLY_DENIED = { 554, "5.7.1", "no mail is taken from your address" },
  REPLY_NO_PROXY = { 421, "4.3.0", "no PROXY header" },
  REPLY_MAY_NOT_SPEAK = { 550, "5.7.1", "you may not speak for others" },

  REPLY_NO_ARGUMENT = { 501, "5.5.4", "no argument is allowed" },
  REPLY_TLS_IS_ON = { 503, "5.5.1", "TLS is on already" },
  REPLY_NO_TLS_NOW = { 454, "4.7.0", "TLS is not available now" },
  REPLY_NOT_IN_A_MAIL = { 503, "5.5.1", "not between MAIL and its end" },

  /* what QMTP and QMQP say, or have in the log */
  REPLY_BAD_SENDER = { 553, "5.1.7", "unacceptable sender" },
  REPLY_BAD_RECIPIENT = { 553, "5.1.3", "sorry, I can't handle that recipient" },
  REPLY_BAD_ADDRESS = { 553, "5.1.3", "sorry, I can't accept addresses like that" },
  REPLY_TOO_MANY_AT_ONCE = { 552, "5.5.3", "sorry, those are more recipients than a message can have" },
  REPLY_BROKEN_NETSTRING = { 500, "5.5.2", "those are no netstrings" },

  REPLY_QUEUE_NOT_STARTED = { 451, "4.3.0", "qqt failure" },
  REPLY_BARE_LINE_END = { 550, "5.6.11", "a line ends with CR LF, see https://cr.yp.to/docs/smtplf.html" },
  REPLY_HAS_NUL = { 550, "5.6.0", "a message holds no NUL" },
  REPLY_LOOPING = { 554, "5.4.6", "too many hops, this message is looping" },
  REPLY_TOO_LARGE = { 552, "5.3.4", "sorry, that message size exceeds my databytes limit" };

_Noreturn void reply_leave(int code, char const *how)
{
  struct journal_session const s = {
    .ip = session.client.ip, .via = session.client.via, .host = session.client.host, .helo = session.hello.said ? &session.hello.name : 0,
    .accepted = session.tally.accepted, .refused = session.tally.refused, .commands = session.tally.commands,
    .seconds = (unsigned long)(monotonic_seconds() - session.tally.began), .end = how,
    .tls = session.tls.on ? &session.tls.facts : 0
  };
  capture_end();
  grant_end();
  journal_session(&s);
  _exit(code);
}

static void log_refusal(struct refusal const *refusal)
{
  stralloc const *address = session.command.has_address ? &session.command.address : 0;
  struct journal_refused const r = {
    .ip = session.client.ip, .via = session.client.via, .verb = session.command.verb, .verb_len = session.command.verb_len,
    .sender = address && !session.command.of_recipient ? address : session.mail.open ? &session.mail.sender : 0,
    .recipient = session.command.of_recipient ? address : 0, .refusal = refusal
  };
  journal_refused(&r);
}

void reply_line(char const *text)
{
  net_puts(&session.net, text);
  net_puts(&session.net, "\r\n");
}

void reply_refuse_again(struct refusal const *refusal)
{
  struct refusal_line line;
  refusal_line(&line, refusal);
  for (char const **w = line.words; *w; w++) net_puts(&session.net, *w);
  reply_line("");
}

void reply_note(struct refusal const *refusal)
{
  session.tally.refused++;
  log_refusal(refusal);
}

static void count_log_and_say(struct refusal const *refusal)
{
  reply_note(refusal);
  reply_refuse_again(refusal);
}

/* Closing while input waits would reset the connection, and the client might never read why. */
static void wait_until_read(void)
{
  struct pollfd x = { .fd = session.net.in, .events = POLLIN };
  time_t end = monotonic_seconds() + FAREWELL_SECONDS;
  if (shutdown(session.net.out, SHUT_WR) == -1) return;
  while (monotonic_seconds() < end)
    if (poll(&x, 1, 1000) != 1 || read(session.net.in, session.net.input, sizeof session.net.input) <= 0) return;
}

static _Noreturn void leave_unsaid(struct refusal const *refusal, char const *how)
{
  reply_note(refusal);
  net_flush(&session.net);
  reply_leave(111, how);
}

_Noreturn void reply_send_away(struct refusal const *refusal, char const *how)
{
  if (session.protocol != SESSION_SMTP) leave_unsaid(refusal, how);
  count_log_and_say(refusal);
  net_flush(&session.net);
  wait_until_read();
  reply_leave(1, how);
}

_Noreturn void reply_no_memory(void) { reply_send_away(&REPLY_NO_MEMORY, "memory"); }
_Noreturn void reply_no_controls(void) { reply_send_away(&REPLY_NO_CONTROLS, "controls"); }

/* Replies that wait when the session is over still go out: one of them may say that a message was taken. At a timeout
   they mean that the client does not read. */
_Noreturn void reply_lost(struct net *n, enum net_loss loss)
{
  static char const *const how[] = {
    [NET_EOF] = "hangup", [NET_TIMEOUT] = "timeout", [NET_SESSION_OVER] = "too long", [NET_ERROR] = "connection broken"
  };
  bool reads = n->used == 0;
  n->session_end = 0;
  n->timeout = 1;
  if (reads && loss == NET_TIMEOUT) reply_send_away(&REPLY_TIMEOUT, how[loss]);
  if (loss == NET_SESSION_OVER) reply_send_away(&REPLY_SESSION_OVER, how[loss]);
  reply_leave(1, how[loss]);
}

void reply_count_error(void)
{
  if (session.tally.errors++ >= policy.errors_max) reply_send_away(&REPLY_TOO_MANY_ERRORS, "errors");
}

void reply_refuse(struct refusal const *refusal)
{
  if (refusal->code / 100 == 5) reply_count_error();
  count_log_and_say(refusal);
}
