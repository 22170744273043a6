#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "monotonic.h"
#include "net.h"
#include "remote_fold.h"
#include "remote_keep.h"
#include "remote_recipients.h"
#include "remote_report.h"
#include "remote_session.h"
#include "smtp_body.h"
#include "smtp_reply.h"

enum {
  PARTING_SECONDS = 30,     /* for a server that has only to say that it is still with us, or goodbye */
  BLOCK = 32768             /* bytes of a message that are read at once */
};

/* ---- what can be said about a server ---- */

enum outcome {
  GREETING_FAILED, NAME_REJECTED, SENDER_REJECTED, RECIPIENT_DISLIKED, NOBODY_LEFT, DATA_FAILED, MESSAGE_FAILED,
  ACCEPTED,
  DIED, DIED_LATE, SENSELESS, SENSELESS_LATE
};

#define CONNECTED "Connected to "

/* Before the address, behind it; in short, where another server may be tried. */
static struct { char const *before, *after, *why; } const texts[] = {
  [GREETING_FAILED]    = { CONNECTED, " but greeting failed.", "greeting failed" },
  [NAME_REJECTED]      = { CONNECTED, " but my name was rejected.", "my name was rejected" },
  [SENDER_REJECTED]    = { CONNECTED, " but sender was rejected.", "sender was rejected" },
  [RECIPIENT_DISLIKED] = { "", " does not like recipient.", 0 },
  [NOBODY_LEFT]        = { "Giving up on ", ".", 0 },
  [DATA_FAILED]        = { "", " failed on DATA command.", 0 },
  [MESSAGE_FAILED]     = { "", " failed after I sent the message.", 0 },
  [ACCEPTED]           = { "", " accepted message.", 0 },
  [DIED]               = { CONNECTED, " but connection died. (#4.4.2)", "connection died" },
  [DIED_LATE]          = { CONNECTED, " but connection died. Possible duplicate! (#4.4.2)", 0 },
  [SENSELESS]          = { CONNECTED, " but its reply makes no sense. (#4.5.0)", "reply makes no sense" },
  [SENSELESS_LATE]     = { CONNECTED, " but its reply makes no sense. Possible duplicate! (#4.5.0)", 0 },
};

static char const unsayable_recipient[] =
  "I will not send this address: it has bytes that end an SMTP command. (#5.1.3)\n";
static char const cannot_read[] = "Unable to read message. (#4.3.0)\n";

/* ---- the conversation so far ---- */

/* What a broken connection or a senseless reply means. */
static enum stage { GREETING, BEFORE_MAIL, MAIL_ACCEPTED, SENDING, DOT_SENT } stage;

static struct session const *session;
static struct net net;
static struct smtp_reply reply;
static unsigned offered;        /* extensions */
static time_t whole_end;        /* of the conversation */
static size_t owed;             /* replies, to what was said */
static unsigned last_code;      /* of the last whole reply */
static bool resumed;            /* the connection is left over from another message */
static bool open_still;         /* the connection, and it is ours */
static bool parting;            /* all that is reported is known: what comes now only tells whether it counts */
static char ending;             /* the letter of the message, with the text */
static stralloc text = STRALLOC_ZERO;
static stralloc acceptance = STRALLOC_ZERO;     /* the text of the first; empty: nobody was delivered to */
static size_t asked;            /* recipients of this transaction */
static size_t most;             /* that one may have */
static bool too_many;           /* so the server said in this one */

/* ---- endings ---- */

enum quote { BARE, WITH_REPLY };

static void add_sentence(stralloc *to, enum outcome o)
{
  add(to, texts[o].before);
  add(to, session->ip);
  add(to, texts[o].after);
  add(to, "\n");
}

static void describe(enum outcome o, enum quote quote)
{
  text.len = 0;
  add_sentence(&text, o);
  if (quote == BARE || !reply.len) return;
  add(&text, "Remote host said: ");
  addb(&text, reply.text, reply.len);
  if (reply.text[reply.len - 1] != '\n') add(&text, "\n");
}

/* Politeness only: if it cannot leave at once, it does not. */
static void say_quit(void)
{
  static char const quit[] = "QUIT\r\n";
  send(net.out, quit, sizeof quit - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A server that answered was reached, whatever it said and however long ago. */
static enum report_contact contact(enum outcome o)
{
  return o == DIED || o == DIED_LATE ? REPORT_UNREACHED : REPORT_REACHED;
}

/* Some have it and keep it, so for the others what happened to the message since is what happened to them. Who was not
   asked, or one too many, has not been refused. */
static void share_out(void)
{
  recipients_all_stand(TAKEN, ending == 'D' ? REFUSED : PUT_OFF, text.s, text.len);
  recipients_all_stand(UNASKED, PUT_OFF, text.s, text.len);
  recipients_all_stand(ONE_TOO_MANY, PUT_OFF, text.s, text.len);
  ending = 'K';
}

/* A refusal in the midst of a message that others got ends as one of all does. */
static _Noreturn void conclude(void)
{
  static stralloc giving_up = STRALLOC_ZERO;
  if (acceptance.len) share_out();
  stralloc const *said = acceptance.len ? &acceptance : &text;
  giving_up.len = 0;
  add_sentence(&giving_up, NOBODY_LEFT);
  addz(&giving_up);
  recipients_report(ending, giving_up.s);
  report_message(ending, said->s, said->len);
}

static void part_in_step(void);

/* What is final is said only when it is sure which answer belonged to what. That all is to be tried again needs no proof. */
static _Noreturn void finish(char letter, enum outcome o, enum quote quote)
{
  describe(o, quote);
  report_contact(contact(o));
  ending = letter;
  if (letter == 'D' || recipients_count(ANSWERED_NO)) part_in_step();
  else say_quit();
  conclude();
}

void session_close(void)
{
  if (open_still) close(net.in);
  open_still = false;
}

static _Noreturn void try_another(enum outcome o, enum quote quote)
{
  describe(o, quote);
  say_quit();
  session_close();
  report_contact(contact(o));
  session->next(texts[o].why, text.s, text.len);
  abort();
}

/* A server that breaks off while the message is on its way has often said why. Only a refusal counts: it has not
   had the whole message. */
static void hear_last_words(void)
{
  enum smtp_reply_state state = SMTP_REPLY_MORE;
  char c;
  net.used = 0;
  smtp_reply_start(&reply);
  while (state == SMTP_REPLY_MORE && recv(net.in, &c, 1, MSG_DONTWAIT) == 1) state = smtp_reply_take(&reply, c);
  if (state == SMTP_REPLY_DONE && reply.code >= 400) finish(reply.code >= 500 ? 'D' : 'Z', MESSAGE_FAILED, WITH_REPLY);
}

/* Until the message itself was asked for nothing can have been accepted: a connection that another message has left is
   replaced by a new one, whatever went wrong with it. */
static bool may_try_another(void)
{
  if (acceptance.len) return false;
  return stage < MAIL_ACCEPTED || (resumed && stage < SENDING);
}

/* The replies are not those to what was said: perhaps one came twice. So nobody was refused. */
static _Noreturn void out_of_step(void)
{
  if (stage == GREETING) try_another(GREETING_FAILED, WITH_REPLY);
  if (may_try_another()) try_another(SENSELESS, WITH_REPLY);
  recipients_become(ANSWERED_NO, TAKEN);
  recipients_become(PUT_OFF, TAKEN);
  finish('Z', stage == DOT_SENT ? SENSELESS_LATE : SENSELESS, WITH_REPLY);
}

/* A server that ends the conversation in so many words has heard and answered all that came before. */
static void lost(struct net *n, enum net_loss loss)
{
  bool silent = loss == NET_TIMEOUT || loss == NET_SESSION_OVER;
  if (parting && stage == SENDING && silent) out_of_step();
  if (parting) conclude();
  if (stage >= SENDING && loss == NET_ERROR && n->used) hear_last_words();
  if (may_try_another()) try_another(DIED, BARE);
  recipients_become(ANSWERED_NO, last_code == 421 ? REFUSED : PUT_OFF);
  finish('Z', stage == DOT_SENT ? DIED_LATE : DIED, BARE);
}

/* ---- hearing and saying ---- */

enum verdict { POSITIVE = 2, GO_ON = 3, TEMPORARY = 4, PERMANENT = 5 };

/* The rest of a reply, which must come within its time as a whole (RFC 5321 4.5.3.2). */
static void hear_on(void)
{
  enum smtp_reply_state state;
  net_allow(&net, net.timeout);
  do state = smtp_reply_take(&reply, net_getc(&net)); while (state == SMTP_REPLY_MORE);
  if (state == SMTP_REPLY_SENSELESS) out_of_step();
  owed--;
  last_code = reply.code;
  net_allow(&net, net.timeout);
}

static enum verdict hear(void)
{
  smtp_reply_start(&reply);
  hear_on();
  return reply.code / 100;
}

/* Of the positive ones 21x tell something, 22x greet and part, 23x are about who we are (RFC 5321 4.2.1, RFC 4954). */
static bool is_of_another_kind(unsigned code)
{
  return code >= 210 && code < 240;
}

/* Of a reply that must be 2xx, 4xx or 5xx. */
static enum verdict hear_verdict(void)
{
  enum verdict v = hear();
  if (v == GO_ON || is_of_another_kind(reply.code)) out_of_step();
  return v;
}

static char letter_of(enum verdict v)
{
  return v == POSITIVE ? 'K' : v == PERMANENT ? 'D' : 'Z';
}

/* Who owes no reply and has said something is out of step. */
static void expect_silence(void)
{
  if (!owed && net.begin != net.end) out_of_step();
}

static void say(char const *word, char const *argument)
{
  expect_silence();
  net_puts(&net, word);
  net_puts(&net, argument);
  net_puts(&net, "\r\n");
  owed++;
}

static void be_brief(void)
{
  net.timeout = session->timeout < PARTING_SECONDS ? session->timeout : PARTING_SECONDS;
}

/* Whether the server has answered all it was asked, and nothing else. The answer to QUIT cannot be taken for one to
   another command; where it looks like that, there must not be one more. A server that breaks off, or is silent, owes us
   nothing. */
static void part_in_step(void)
{
  parting = true;
  be_brief();
  net_puts(&net, "QUIT\r\n");
  for (owed++; owed; )
    if (hear() == GO_ON && owed == 1) return;    /* to DATA after a refused sender: QUIT is text of a message to it */
  if (net.begin == net.end && (reply.code / 10 == 22 || reply.code == 421)) return;
  if (reply.code / 100 != GO_ON) hear();
  parting = false;
  out_of_step();
}

/* ---- greeting and hello ---- */

static void greeting(void)
{
  hear();
  if (reply.code != 220) try_another(GREETING_FAILED, WITH_REPLY);
  stage = BEFORE_MAIL;
}

static void hello(void)
{
  say("EHLO ", session->helohost);
  hear_verdict();
  if (reply.code == 250) {
    offered = smtp_reply_extensions(reply.text, reply.len);
    return;
  }
  if (reply.code == 421) try_another(NAME_REJECTED, WITH_REPLY);
  say("HELO ", session->helohost);
  hear_verdict();
  if (reply.code != 250) try_another(NAME_REJECTED, WITH_REPLY);
}

/* ---- sender, recipients, DATA: commands number 0, 1 to count, count + 1 ---- */

static size_t data_command(void)
{
  return asked + 1;
}

static bool is_recipient(size_t i)
{
  return i > 0 && i <= asked;
}

static char const *recipient(size_t i)
{
  return session->recipients[recipient_chosen(i - 1)];
}

static bool unsayable(size_t i)
{
  return is_recipient(i) && !recipient(i);
}

static bool folds(void)
{
  return session->folds && session->message->long_lines;
}

/* Two lines one after the other are together longer than what is folded. */
static uint64_t room_for_folds(void)
{
  return folds() ? 2 * (2 * session->message->size / FOLD_LINE_MAX + 1) : 0;
}

static void mail_command(stralloc *to)
{
  char digits[UINT64_FMT];
  struct message const *m = session->message;
  add(to, "MAIL FROM:<");
  add(to, session->sender);
  add(to, ">");
  if ((offered & SMTP_OFFERS_SIZE) && m->seekable) {
    add(to, " SIZE=");
    addb(to, digits, uint64_fmt(digits, m->size + room_for_folds()));
  }
  if ((offered & SMTP_OFFERS_8BITMIME) && m->eight_bit) add(to, " BODY=8BITMIME");
}

static void command(stralloc *to, size_t i)
{
  to->len = 0;
  if (i == 0) {
    mail_command(to);
  } else if (is_recipient(i)) {
    add(to, "RCPT TO:<");
    add(to, recipient(i));
    add(to, ">");
  } else {
    add(to, "DATA");
  }
  add(to, "\r\n");
}

/* Sends the command and, to a server that takes them together, as many of the following as fit into one buffer: so we
   never wait for room to send while the server waits for us to hear. Returns the number of the next command. */
static size_t say_commands(size_t i)
{
  static stralloc line = STRALLOC_ZERO;
  bool first = true;
  expect_silence();
  for (; i <= data_command(); i++) {
    if (unsayable(i)) continue;
    command(&line, i);
    if (!first && (!(offered & SMTP_OFFERS_PIPELINING) || line.len > sizeof net.output - net.used)) break;
    net_put(&net, line.s, line.len);
    owed++;
    first = false;
  }
  return i;
}

/* A server may be tired of a connection without saying so: whatever a left-over one answers to the sender, only a fresh
   one's no counts. */
static void hear_sender(void)
{
  enum verdict v = hear_verdict();
  bool doubtful = reply.code == 421 || (resumed && v != POSITIVE);
  if (doubtful && may_try_another()) try_another(SENDER_REJECTED, WITH_REPLY);
  if (v != POSITIVE) finish(doubtful || acceptance.len ? 'Z' : letter_of(v), SENDER_REJECTED, WITH_REPLY);
  stage = MAIL_ACCEPTED;
}

/* A message that cannot be read again has one transaction. */
static bool is_one_too_many(void)
{
  return session->message->seekable && recipients_count(TAKEN) && smtp_reply_says_too_many(&reply);
}

static enum standing standing_after(enum verdict v)
{
  if (v == POSITIVE) return TAKEN;
  if (is_one_too_many()) return ONE_TOO_MANY;
  return v == PERMANENT ? ANSWERED_NO : PUT_OFF;
}

static void hear_recipient(size_t i)
{
  enum standing standing = standing_after(hear_verdict());
  describe(RECIPIENT_DISLIKED, WITH_REPLY);
  recipient_was_answered(i, standing, text.s, standing == TAKEN ? 0 : text.len);
  too_many = too_many || standing == ONE_TOO_MANY;
}

/* Without a recipient there must be no message. If DATA was already under way and the server wants to go on, it gets
   an empty one (RFC 2920 3.1). It goes on in answer to DATA only: so all recipients were answered as it seemed. */
static void hear_data(void)
{
  enum verdict v = hear();
  bool taken = recipients_count(TAKEN);
  if (v == POSITIVE) out_of_step();
  if (v == GO_ON) recipients_become(ANSWERED_NO, REFUSED);
  if (v == GO_ON && !taken) {
    net_puts(&net, ".\r\n");
    owed++;
  }
  if (v != GO_ON && taken) finish(letter_of(v), DATA_FAILED, WITH_REPLY);
}

static void hear_answer(size_t i)
{
  size_t number = is_recipient(i) ? recipient_chosen(i - 1) : 0;
  if (unsayable(i)) recipient_stands(number, REFUSED, unsayable_recipient, sizeof unsayable_recipient - 1);
  else if (i == 0) hear_sender();
  else if (is_recipient(i)) hear_recipient(number);
  else hear_data();
}

static void envelope(void)
{
  size_t heard = 0;
  too_many = false;
  while (heard <= data_command() && (heard < data_command() || recipients_count(TAKEN))) {
    size_t said = say_commands(heard);
    while (heard < said) hear_answer(heard++);
  }
  if (!recipients_count(TAKEN) && !recipients_count(UNASKED) && !recipients_count(ONE_TOO_MANY))
    finish('D', NOBODY_LEFT, BARE);
}

/* ---- the message ---- */

static _Noreturn void drop(void)
{
  text.len = 0;
  add(&text, cannot_read);
  session_close();
  ending = 'Z';
  conclude();
}

/* An answer before the end of the message is none to the message. A refusal counts if the server breaks off with it. */
static void hear_nothing_yet(void)
{
  char c;
  ssize_t r = net.begin == net.end ? recv(net.in, &c, 1, MSG_PEEK | MSG_DONTWAIT) : 1;
  if (r == -1 && (errno == EAGAIN || errno == EINTR)) return;
  if (r == -1) lost(&net, NET_ERROR);
  net.used = 0;
  owed++;
  if (hear() < TEMPORARY) out_of_step();
  describe(MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  ending = letter_of(reply.code / 100);
  parting = true;
  be_brief();
  hear();
  parting = false;
  out_of_step();
}

static void end_message(char const *s, size_t len)
{
  hear_nothing_yet();
  /* From here on the server may have the whole message, whether we learn of it or not. */
  stage = DOT_SENT;
  net_put(&net, s, len);
  owed++;
}

/* The same way, but for the lines that are too long. */
static void message_folded(void)
{
  static char block[BLOCK], folded[2 * BLOCK + 2 * FOLD_LINE_MAX], encoded[SMTP_BODY_GROWTH * sizeof folded];
  static char header[FOLD_HEADER_MAX];
  static struct fold fold;
  enum smtp_body_state at = BODY_LINE_START;
  ssize_t r = message_head(session->message, header, sizeof header);
  if (r == -1) drop();
  fold_begin(&fold, header, (size_t)r);
  while ((r = message_read(session->message, block, sizeof block)) > 0) {
    net_allow(&net, session->data_timeout);
    net_put(&net, encoded, smtp_body_encode(&at, encoded, folded, fold_text(&fold, folded, block, (size_t)r)));
  }
  if (r == -1) drop();
  size_t len = smtp_body_encode(&at, encoded, folded, fold_end(&fold, folded));
  end_message(encoded, len + smtp_body_finish(at, encoded + len));
}

static void message(void)
{
  static char block[BLOCK], encoded[SMTP_BODY_GROWTH * BLOCK];
  enum smtp_body_state at = BODY_LINE_START;
  ssize_t r;
  stage = SENDING;
  net.session_end = whole_end;
  expect_silence();
  net.timeout = session->data_timeout;
  if (!message_rewind(session->message)) drop();
  if (folds()) {
    message_folded();
    return;
  }
  while ((r = message_read(session->message, block, sizeof block)) > 0) {
    net_allow(&net, session->data_timeout);
    net_put(&net, encoded, smtp_body_encode(&at, encoded, block, (size_t)r));
  }
  if (r == -1) drop();
  end_message(encoded, smtp_body_finish(at, encoded));
}

/* The server has answered all it was asked and waits: only then the connection serves another message. */
static void leave_or_quit(void)
{
  struct kept kept = { .offered = offered, .port = session->port };
  strncat(kept.ip, session->ip, sizeof kept.ip - 1);
  if (strlen(session->host) < sizeof kept.host) strcpy(kept.host, session->host);
  if (reply.code != 421 && net.begin == net.end && keep_leave(net.in, resumed, &kept)) open_still = false;
  else say_quit();
}

/* Those who were one too many before and are taken now prove that the number is one of the server's. */
static void learn_most(void)
{
  if (acceptance.len) report_most(most);
  if (too_many) most = recipients_count(TAKEN);
}

/* The message was accepted, or that was all. */
static void verdict(void)
{
  net.timeout = session->dot_timeout;
  enum verdict v = hear_verdict();
  report_contact(REPORT_REACHED);
  if (v == PERMANENT) finish('D', MESSAGE_FAILED, WITH_REPLY);
  describe(v == POSITIVE ? ACCEPTED : MESSAGE_FAILED, WITH_REPLY);
  ending = letter_of(v);
  if (v != POSITIVE) {
    leave_or_quit();
    conclude();
  }
  learn_most();
  if (!acceptance.len) addb(&acceptance, text.s, text.len);
  recipients_become(TAKEN, DELIVERED);
}

/* Each transaction anew: whoever accepts one moves something. */
static void allow_session(void)
{
  whole_end = monotonic_seconds() + (time_t)session->seconds;
  net.session_end = monotonic_seconds() + (time_t)session->envelope_seconds;
  if (whole_end < net.session_end) net.session_end = whole_end;
}

static void begin(struct session const *s, int fd, enum stage at, unsigned extensions)
{
  session = s;
  stage = at;
  offered = extensions;
  owed = 1;
  last_code = 0;
  resumed = stage != GREETING;
  open_still = true;
  parting = false;
  recipients_begin(s->count);
  smtp_reply_start(&reply);
  acceptance.len = 0;
  most = s->count;
  net_init(&net, fd, fd, s->timeout, s->seconds, lost);
  allow_session();
}

/* RSET, answered alone, shows that all answers so far were those they seemed. */
static void begin_again(void)
{
  net.timeout = session->timeout;
  stage = BEFORE_MAIL;
  say("RSET", "");
  while (owed > 1) hear();
  if (hear_verdict() != POSITIVE) finish('Z', SENDER_REJECTED, WITH_REPLY);
  expect_silence();
  recipients_become(ANSWERED_NO, REFUSED);
  allow_session();
}

/* One transaction, and others while there are recipients that the server has not been asked about, or has called one too
   many. */
static _Noreturn void transact(void)
{
  asked = recipients_choose(most);
  for (;;) {
    envelope();
    if (recipients_count(TAKEN)) {
      message();
      verdict();
    }
    asked = recipients_choose(most);
    if (!asked) break;
    begin_again();
  }
  leave_or_quit();
  conclude();
}

void session_run(struct session const *s, int fd)
{
  begin(s, fd, GREETING, 0);
  greeting();
  hello();
  transact();
}

void session_resume(struct session const *s, int fd, struct kept const *kept)
{
  begin(s, fd, BEFORE_MAIL, kept->offered);
  reply = kept->reset;
  be_brief();
  if (kept->reset_heard) owed = 0;
  else hear_on();
  if (reply.code != 250) try_another(SENDER_REJECTED, WITH_REPLY);
  net.timeout = s->timeout;
  transact();
}
