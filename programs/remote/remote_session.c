#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "net.h"
#include "remote_body.h"
#include "remote_keep.h"
#include "remote_reply.h"
#include "remote_report.h"
#include "remote_session.h"

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
static struct reply reply;
static unsigned offered;        /* extensions */
static size_t accepted;         /* recipients */
static bool resumed;            /* the connection is left over from another message */
static bool open_still;         /* the connection, and it is ours */
static bool reset_unheard;
static stralloc text = STRALLOC_ZERO;

/* ---- endings ---- */

enum quote { BARE, WITH_REPLY };

static void describe(enum outcome o, enum quote quote)
{
  text.len = 0;
  add(&text, texts[o].before);
  add(&text, session->ip);
  add(&text, texts[o].after);
  add(&text, "\n");
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

static _Noreturn void finish(char letter, enum outcome o, enum quote quote)
{
  say_quit();
  report_contact(contact(o));
  describe(o, quote);
  report_message(letter, text.s, text.len);
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
  enum reply_state state = REPLY_MORE;
  char c;
  reply_start(&reply);
  while (state == REPLY_MORE && recv(net.in, &c, 1, MSG_DONTWAIT) == 1) state = reply_take(&reply, c);
  if (state == REPLY_DONE && reply.code >= 400) finish(reply.code >= 500 ? 'D' : 'Z', MESSAGE_FAILED, WITH_REPLY);
}

static void lost(struct net *n, enum net_loss loss)
{
  if (stage >= SENDING && loss == NET_ERROR && n->used) hear_last_words();
  if (stage < MAIL_ACCEPTED) try_another(DIED, BARE);
  finish('Z', stage == DOT_SENT ? DIED_LATE : DIED, BARE);
}

static _Noreturn void senseless(void)
{
  if (stage == GREETING) try_another(GREETING_FAILED, WITH_REPLY);
  if (stage == BEFORE_MAIL) try_another(SENSELESS, WITH_REPLY);
  finish('Z', stage == DOT_SENT ? SENSELESS_LATE : SENSELESS, WITH_REPLY);
}

/* ---- hearing and saying ---- */

enum verdict { POSITIVE = 2, GO_ON = 3, TEMPORARY = 4, PERMANENT = 5 };

static enum verdict hear(void)
{
  enum reply_state state;
  reply_start(&reply);
  do state = reply_take(&reply, net_getc(&net)); while (state == REPLY_MORE);
  if (state == REPLY_SENSELESS) senseless();
  return reply.code / 100;
}

/* Of a reply that must be 2xx, 4xx or 5xx. */
static enum verdict hear_verdict(void)
{
  enum verdict v = hear();
  if (v == GO_ON) senseless();
  return v;
}

static char letter_of(enum verdict v)
{
  return v == POSITIVE ? 'K' : v == PERMANENT ? 'D' : 'Z';
}

static void say(char const *word, char const *argument)
{
  net_puts(&net, word);
  net_puts(&net, argument);
  net_puts(&net, "\r\n");
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
  hear();
  if (reply.code == 250) {
    offered = reply_extensions(reply.text, reply.len);
    return;
  }
  if (reply.code == 421) try_another(NAME_REJECTED, WITH_REPLY);
  say("HELO ", session->helohost);
  hear();
  if (reply.code != 250) try_another(NAME_REJECTED, WITH_REPLY);
}

/* ---- sender, recipients, DATA: commands number 0, 1 to count, count + 1 ---- */

static size_t data_command(void)
{
  return session->count + 1;
}

static bool is_recipient(size_t i)
{
  return i > 0 && i <= session->count;
}

static bool unsayable(size_t i)
{
  return is_recipient(i) && !session->recipients[i - 1];
}

static void mail_command(stralloc *to)
{
  char digits[UINT64_FMT];
  struct message const *m = session->message;
  add(to, "MAIL FROM:<");
  add(to, session->sender);
  add(to, ">");
  if ((offered & OFFERS_SIZE) && m->seekable) {
    add(to, " SIZE=");
    addb(to, digits, uint64_fmt(digits, m->size));
  }
  if ((offered & OFFERS_8BITMIME) && m->eight_bit) add(to, " BODY=8BITMIME");
}

static void command(stralloc *to, size_t i)
{
  to->len = 0;
  if (i == 0) {
    mail_command(to);
  } else if (is_recipient(i)) {
    add(to, "RCPT TO:<");
    add(to, session->recipients[i - 1]);
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
  for (; i <= data_command(); i++) {
    if (unsayable(i)) continue;
    command(&line, i);
    if (!first && (!(offered & OFFERS_PIPELINING) || line.len > sizeof net.output - net.used)) break;
    net_put(&net, line.s, line.len);
    first = false;
  }
  return i;
}

static void hear_reset(void)
{
  hear();
  if (reply.code != 250) try_another(SENDER_REJECTED, WITH_REPLY);
  reset_unheard = false;
}

/* A server may be tired of a connection without saying so: whatever a left-over one answers to the sender, only a fresh
   one's no counts. */
static void hear_sender(void)
{
  if (reset_unheard) hear_reset();
  enum verdict v = hear_verdict();
  if (reply.code == 421 || (resumed && v != POSITIVE)) try_another(SENDER_REJECTED, WITH_REPLY);
  if (v != POSITIVE) finish(letter_of(v), SENDER_REJECTED, WITH_REPLY);
  stage = MAIL_ACCEPTED;
}

static void hear_recipient(void)
{
  enum verdict v = hear_verdict();
  describe(RECIPIENT_DISLIKED, WITH_REPLY);
  if (v == POSITIVE) report_recipient('r', "", 0);
  else report_recipient(v == PERMANENT ? 'h' : 's', text.s, text.len);
  accepted += v == POSITIVE;
}

/* Without a recipient there must be no message. If DATA was already under way and the server wants to go on, it gets
   an empty one (RFC 2920 3.1). */
static void hear_data(void)
{
  enum verdict v = hear();
  if (!accepted) {
    if (v == GO_ON) net_puts(&net, ".\r\n");
    net_flush(&net);
    return;
  }
  if (v == POSITIVE) senseless();
  if (v != GO_ON) finish(letter_of(v), DATA_FAILED, WITH_REPLY);
}

static void hear_answer(size_t i)
{
  if (unsayable(i)) report_recipient('h', unsayable_recipient, sizeof unsayable_recipient - 1);
  else if (i == 0) hear_sender();
  else if (is_recipient(i)) hear_recipient();
  else hear_data();
}

static void envelope(void)
{
  size_t heard = 0;
  while (heard <= data_command() && (heard < data_command() || accepted)) {
    size_t said = say_commands(heard);
    while (heard < said) hear_answer(heard++);
  }
  if (!accepted) finish('D', NOBODY_LEFT, BARE);
}

/* ---- the message ---- */

static _Noreturn void drop(void)
{
  session_close();
  report_text('Z', cannot_read);
}

static void message(void)
{
  static char block[32768], encoded[BODY_GROWTH * sizeof block];
  enum body_state at = BODY_LINE_START;
  ssize_t r;
  stage = SENDING;
  net.timeout = session->data_timeout;
  if (!message_rewind(session->message)) drop();
  while ((r = message_read(session->message, block, sizeof block)) > 0)
    net_put(&net, encoded, body_encode(&at, encoded, block, (size_t)r));
  if (r == -1) drop();
  /* From here on the server may have the whole message, whether we learn of it or not. */
  stage = DOT_SENT;
  net_put(&net, encoded, body_finish(at, encoded));
  /* A verdict that came too early lies in the buffer already: hearing it would send nothing. */
  net_flush(&net);
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

static _Noreturn void verdict(void)
{
  net.timeout = session->dot_timeout;
  enum verdict v = hear_verdict();
  leave_or_quit();
  describe(v == POSITIVE ? ACCEPTED : MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  report_message(letter_of(v), text.s, text.len);
}

static void begin(struct session const *s, int fd, enum stage at, unsigned extensions)
{
  session = s;
  stage = at;
  offered = extensions;
  accepted = 0;
  resumed = stage != GREETING;
  open_still = true;
  reset_unheard = false;
  reply_start(&reply);
  net_init(&net, fd, fd, s->timeout, s->seconds, lost);
}

static _Noreturn void transact(void)
{
  envelope();
  message();
  verdict();
}

void session_run(struct session const *s, int fd)
{
  begin(s, fd, GREETING, 0);
  greeting();
  hello();
  transact();
}

/* RSET finds out whether the server is still there, in the same round trip as the rest if it takes them together. */
void session_resume(struct session const *s, int fd, unsigned extensions)
{
  begin(s, fd, BEFORE_MAIL, extensions);
  say("RSET", "");
  reset_unheard = true;
  if (!(offered & OFFERS_PIPELINING)) hear_reset();
  transact();
}
