/* qmail-smtpd: take mail from the network by SMTP and hand it to qmail-queue.

   runs as   qmaild, started by tcpserver, one process for one connection
   reads     commands and messages on fd 0, what tcpserver says in the environment, files in control; to tell
             whether a recipient exists, what routes and delivers reads: users/cdb, accounts, names in homes
   changes   nothing itself; qmail-queue writes the queue. Replies go to fd 1, the log to fd 2
   exits     0 after QUIT, 1 when the connection ended in another way
*/

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "address.h"
#include "body.h"
#include "bytes.h"
#include "control.h"
#include "date.h"
#include "header.h"
#include "hops.h"
#include "home.h"
#include "ipme.h"
#include "journal.h"
#include "literal.h"
#include "mailbox.h"
#include "message_id.h"
#include "monotonic.h"
#include "nameset.h"
#include "net.h"
#include "parameters.h"
#include "queue_client.h"
#include "rcpthosts.h"
#include "received.h"
#include "verdict.h"

/* ---- limits; ADDRESS_MAX, HOPS_MAX and RECEIVED_WORD_MAX stand with their parts ---- */

#define RECIPIENTS_DEFAULT "1000"     /* of one message */
#define ERRORS_DEFAULT "20"           /* replies 5xx in one session */
#define SESSION_DEFAULT "1800"        /* seconds for all of it, messages apart that come fast enough */
#define TIMEOUT_DEFAULT "1200"        /* seconds for each wait */
enum {
  COMMAND_MAX = 2048,                 /* bytes of a command without its CR LF */
  MESSAGE_RATE = 500,                 /* bytes in a second, so that a message does not use up the session's time */
  BLOCKING_MAX = 200,                 /* bytes of the text in RBLSMTPD */
  FAREWELL_SECONDS = 2,               /* for a client that is sent away to read why */
  UNKNOWN_FREE = 5,                   /* unknown recipients in a session that are answered at once */
  UNKNOWN_MAX = 20,                   /* and at all */
  UNKNOWN_SECONDS = 10                /* the longest wait for the answer about one */
};

/* ---- controls ---- */

static stralloc greeting = STRALLOC_ZERO, local_ip_host = STRALLOC_ZERO;
static unsigned long timeout, session_seconds, databytes, recipients_max, errors_max;
static struct nameset unwanted_senders = NAMESET_ZERO;
static struct rcpthosts rcpthosts = { .names = NAMESET_ZERO };

static struct control const controls[] = {
  /* file             kind            goes to            when absent */
  { "smtpgreeting",   CONTROL_LINE,   &greeting,         CONTROL_ME_NEEDED },
  { "localiphost",    CONTROL_LINE,   &local_ip_host,    0 },
  { "timeoutsmtpd",   CONTROL_NUMBER, &timeout,          TIMEOUT_DEFAULT },
  { "timeoutsession", CONTROL_NUMBER, &session_seconds,  SESSION_DEFAULT },
  { "databytes",      CONTROL_NUMBER, &databytes,        "0" },
  { "maxrecipients",  CONTROL_NUMBER, &recipients_max,   RECIPIENTS_DEFAULT },
  { "maxerrors",      CONTROL_NUMBER, &errors_max,       ERRORS_DEFAULT },
  { "badmailfrom",    CONTROL_NAMES,  &unwanted_senders, 0 },
  { "rcpthosts",      CONTROL_NAMES,  &rcpthosts.names,  0 },
  { 0 }
};

/* What rules may set for some clients, in place of the control file. */
static struct setting { char const *variable; unsigned long *number; stralloc *line; } const settings[] = {
  { "SMTPGREETING",   0,                 &greeting },
  { "LOCALIPHOST",    0,                 &local_ip_host },
  { "TIMEOUTSMTPD",   &timeout,          0 },
  { "TIMEOUTSESSION", &session_seconds,  0 },
  { "DATABYTES",      &databytes,        0 },
  { "MAXRECIPIENTS",  &recipients_max,   0 },
  { "MAXERRORS",      &errors_max,       0 },
  { 0 }
};

/* ---- state ---- */

static struct net net;
static enum body_policy line_ends = BODY_STRICT;
static bool hyphens_allowed = false, mailboxes_unchecked = false, header_kept = false;
static stralloc blocked = STRALLOC_ZERO;    /* the reply to a client that RBLSMTPD turns away; empty: it is not */

static char const UNKNOWN[] = "unknown";

static struct {
  char const *ip, *host, *info, *local;
  char const *suffix;           /* RELAYCLIENT; null: rcpthosts decides */
} client;

static struct {
  bool said, extended;
  stralloc name;
} hello;

static struct {
  bool open;                    /* MAIL was accepted */
  bool unwanted;                /* its sender is in badmailfrom */
  bool told_too_many;
  stralloc sender;
  size_t count;
  stralloc recipients;          /* each with a NUL behind it */
} mail;

/* The command in hand, for the log. */
static struct {
  char const *verb;
  size_t verb_len;
  bool bare_lf;                 /* it ended with LF alone */
  bool has_address, of_recipient;
  stralloc address;
} command;

static struct {
  time_t began;
  unsigned long accepted, refused, commands, errors, unknown;
} tally;

/* ---- replies ---- */

static char const
  OK[] = "250 2.0.0 ok",
  SENDER_OK[] = "250 2.1.0 ok",
  RECIPIENT_OK[] = "250 2.1.5 ok",
  FLUSHED[] = "250 2.0.0 flushed",
  TRY[] = "252 2.5.0 send some mail, i'll try my best",
  GO_AHEAD[] = "354 go ahead",

  NO_CONTROLS[] = "421 4.3.0 unable to read controls (#4.3.0)",
  NO_MEMORY[] = "421 4.3.0 out of memory (#4.3.0)",
  NO_OWN_ADDRESSES[] = "421 4.3.0 unable to figure out my IP addresses (#4.3.0)",
  NO_RCPTHOSTS[] = "421 4.3.5 no control/rcpthosts, refusing to be an open relay (#4.3.5)",
  TALKS_EARLY[] = "503 5.5.0 you must wait for the answer to DATA (#5.5.0)",
  TALKS_FIRST[] = "554 5.5.0 you must wait for the greeting (#5.5.0)",
  NOT_A_WEB_SERVER[] = "421 4.7.0 this is a mail server (#4.7.0)",
  TOO_MANY_UNKNOWN[] = "421 4.7.0 too many unknown recipients (#4.7.0)",
  TOO_MANY_ERRORS[] = "421 4.7.0 too many errors (#4.7.0)",
  TIMEOUT[] = "451 4.4.2 timeout (#4.4.2)",
  SESSION_OVER[] = "421 4.4.2 this session took too long (#4.4.2)",

  LINE_TOO_LONG[] = "500 5.5.2 line too long (#5.5.2)",
  LINE_IS_BROKEN[] = "500 5.5.2 a command ends with CR LF and holds no other CR, LF or NUL (#5.5.2)",
  UNIMPLEMENTED[] = "502 5.5.1 unimplemented (#5.5.1)",
  MAIL_FIRST[] = "503 5.5.1 MAIL first (#5.5.1)",
  RCPT_FIRST[] = "503 5.5.1 RCPT first (#5.5.1)",
  SYNTAX[] = "555 5.5.4 syntax error (#5.5.4)",
  UNKNOWN_PARAMETER[] = "555 5.5.4 unknown parameter (#5.5.4)",
  BAD_VALUE[] = "501 5.5.4 bad value of a parameter (#5.5.4)",

  UNWANTED_SENDER[] = "553 5.7.1 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
  NOT_OURS[] = "553 5.7.1 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
  HYPHEN[] = "553 5.1.3 an address that begins with a hyphen is not taken here (#5.1.3)",
  NO_MAILBOX[] = "550 5.1.1 sorry, no mailbox here by that name (#5.1.1)",
  CANNOT_LOOK[] = "451 4.3.0 sorry, i cannot look for that mailbox now (#4.3.0)",
  NOBODY[] = "550 5.1.3 a recipient needs an address (#5.1.3)",
  TOO_MANY_RECIPIENTS[] = "452 4.5.3 too many recipients (#4.5.3)",

  QUEUE_NOT_STARTED[] = "451 4.3.0 qqt failure (#4.3.0)",
  BARE_LINE_END[] = "550 5.6.11 a line ends with CR LF, see https://cr.yp.to/docs/smtplf.html (#5.6.11)",
  HAS_NUL[] = "550 5.6.0 a message holds no NUL (#5.6.0)",
  LOOPING[] = "554 5.4.6 too many hops, this message is looping (#5.4.6)",
  TOO_LARGE[] = "552 5.3.4 sorry, that message size exceeds my databytes limit (#5.3.4)";

/* ---- endings ---- */

static _Noreturn void leave(int code, char const *how)
{
  struct journal_session const s = {
    .ip = client.ip, .host = client.host, .helo = hello.said ? &hello.name : 0, .accepted = tally.accepted,
    .refused = tally.refused, .commands = tally.commands, .seconds = (unsigned long)(monotonic_seconds() - tally.began), .end = how
  };
  journal_session(&s);
  _exit(code);
}

static void in_hand(char const *verb, size_t verb_len)
{
  command.verb = verb;
  command.verb_len = verb_len;
  command.has_address = command.of_recipient = false;
}

static void log_refusal(char const *reply)
{
  stralloc const *address = command.has_address ? &command.address : 0;
  struct journal_refused const r = {
    .ip = client.ip, .verb = command.verb, .verb_len = command.verb_len,
    .sender = address && !command.of_recipient ? address : mail.open ? &mail.sender : 0,
    .recipient = command.of_recipient ? address : 0, .reply = reply
  };
  journal_refused(&r);
}

static void say(char const *text)
{
  net_puts(&net, text);
  net_puts(&net, "\r\n");
}

/* Closing while input waits would reset the connection, and the client might never read why. */
static void wait_until_read(void)
{
  struct pollfd x = { .fd = net.in, .events = POLLIN };
  time_t end = monotonic_seconds() + FAREWELL_SECONDS;
  if (shutdown(net.out, SHUT_WR) == -1) return;
  while (monotonic_seconds() < end)
    if (poll(&x, 1, 1000) != 1 || read(net.in, net.input, sizeof net.input) <= 0) return;
}

/* Ends the session for a reason that the client and the log are told. */
static _Noreturn void send_away(char const *reply, char const *how)
{
  tally.refused++;
  log_refusal(reply);
  say(reply);
  net_flush(&net);
  wait_until_read();
  leave(1, how);
}

static _Noreturn void no_memory(void) { send_away(NO_MEMORY, "memory"); }
static _Noreturn void no_controls(void) { send_away(NO_CONTROLS, "controls"); }

/* Called by net when the client is gone or late. Replies that wait when the session is over still go out: one of
   them may say that a message was taken. At a timeout they mean that the client does not read. */
static void lost(struct net *n, enum net_loss loss)
{
  static char const *const how[] = {
    [NET_EOF] = "hangup", [NET_TIMEOUT] = "timeout", [NET_SESSION_OVER] = "too long", [NET_ERROR] = "connection broken"
  };
  bool reads = n->used == 0;
  n->session_end = 0;
  n->timeout = 1;
  if (reads && loss == NET_TIMEOUT) send_away(TIMEOUT, how[loss]);
  if (loss == NET_SESSION_OVER) send_away(SESSION_OVER, how[loss]);
  leave(1, how[loss]);
}

/* ---- small helpers ---- */

static void copy(stralloc *to, char const *s, size_t len)
{
  if (!bytes_setb(to, s, len)) no_memory();
}

static void reply(char const *text)
{
  if (text[0] == '5' && tally.errors++ >= errors_max) send_away(TOO_MANY_ERRORS, "errors");
  if (text[0] >= '4') {
    tally.refused++;
    log_refusal(text);
  }
  say(text);
}

/* The greeting stands behind 220, 221 and 250. */
static void say_greeting(char const *code, char const *behind)
{
  net_puts(&net, code);
  net_put(&net, greeting.s, greeting.len);
  say(behind);
}

static void forget_mail(void)
{
  mail.open = mail.unwanted = mail.told_too_many = false;
  mail.sender.len = mail.recipients.len = mail.count = 0;
}

/* ---- addresses ---- */

static bool is_mine(ip46 const *ip)
{
  static bool known = false;
  if (!known && !ipme_init()) send_away(NO_OWN_ADDRESSES, "addresses");
  known = true;
  return ipme_is(ip);
}

/* user@[one of our addresses] is user@localiphost. */
static void name_own_literal(stralloc *address)
{
  ip46 ip;
  size_t at = address_at(address->s, address->len);
  if (at == address->len || !local_ip_host.len) return;
  if (!literal_scan(&ip, address->s + at + 1, address->len - at - 1) || !is_mine(&ip)) return;
  address->len = at + 1;
  if (!bytes_addx(address, &local_ip_host)) no_memory();
}

static bool has_control_bytes(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < ' ' || s[i] == 127) return true;
  return false;
}

/* The address of MAIL or RCPT becomes command.address. Control bytes in it would come to the shells and
   terminals of those it is shown to. */
static bool take_address(char const *s, size_t len, size_t *rest)
{
  int r = address_from_command(&command.address, s, len, rest);
  if (r == -1) no_memory();
  if (!r || has_control_bytes(command.address.s, command.address.len)) return false;
  name_own_literal(&command.address);
  command.has_address = true;
  return true;
}

/* In a careless command of a .qmail file such an address would be an option of the program. */
static bool is_like_an_option(stralloc const *address)
{
  size_t at = address_at(address->s, address->len);
  return !hyphens_allowed && ((address->len && address->s[0] == '-') ||
                              (at + 1 < address->len && address->s[at + 1] == '-'));
}

static bool is_unwanted(stralloc const *sender)
{
  size_t at = address_at(sender->s, sender->len);
  return nameset_has(&unwanted_senders, sender->s, sender->len) ||
         nameset_has(&unwanted_senders, sender->s + at, sender->len - at);
}

/* ---- may this recipient have mail from this client? Each check gives its refusal, or null ---- */

static char const *check_address(stralloc const *recipient)
{
  if (!recipient->len) return NOBODY;
  return is_like_an_option(recipient) ? HYPHEN : 0;
}

static char const *check_client(stralloc const *recipient)
{
  (void)recipient;
  return blocked.len ? blocked.s : 0;
}

static char const *check_sender(stralloc const *recipient)
{
  (void)recipient;
  return mail.unwanted ? UNWANTED_SENDER : 0;
}

static char const *check_relaying(stralloc const *recipient)
{
  if (client.suffix) return 0;
  int r = rcpthosts_takes(&rcpthosts, recipient->s, recipient->len);
  if (r == -1) {
    strerr_warnwusys("read ", "control/morercpthosts.cdb");
    no_controls();
  }
  return r ? 0 : NOT_OURS;
}

static char const *check_count(stralloc const *recipient)
{
  (void)recipient;
  return mail.count >= recipients_max ? TOO_MANY_RECIPIENTS : 0;
}

/* With a suffix the recipient goes elsewhere. */
static char const *check_mailbox(stralloc const *recipient)
{
  if (mailboxes_unchecked || (client.suffix && *client.suffix)) return 0;
  switch (mailbox_look(recipient->s, recipient->len)) {
    case MAILBOX_MISSING: return NO_MAILBOX;
    case MAILBOX_UNKNOWN_NOW: return CANNOT_LOOK;
    default: return 0;
  }
}

/* In this order: whom we take no mail for is not told who has a mailbox. */
static char const *(*const recipient_checks[])(stralloc const *) = {
  check_client, check_address, check_sender, check_relaying, check_count, check_mailbox
};

static char const *refusal_of(stralloc const *recipient)
{
  char const *no = 0;
  for (size_t i = 0; !no && i < sizeof recipient_checks / sizeof *recipient_checks; i++)
    no = recipient_checks[i](recipient);
  return no;
}

/* ---- the message ---- */

static struct queue_client queue;

static struct {
  struct body body;
  struct hops hops;
  struct header header;
  bool completed;               /* it has what its header lacked */
  uint64_t bytes;               /* as stored, without what we add */
  uint64_t taken;               /* from the wire */
  time_t began, session_end;    /* the session's, without the time that this message is given */
  bool given_up;                /* it will be refused: the queue program gets no more of it */
} message;

/* Why the message itself cannot be taken, or null. */
static char const *refusal_of_message(void)
{
  if (body_is_spoiled(&message.body)) return BARE_LINE_END;
  if (body_has_nul(&message.body)) return HAS_NUL;
  if (hops_too_many(&message.hops)) return LOOPING;
  if (databytes && message.bytes > databytes) return TOO_LARGE;
  return 0;
}

static int add_message_id(stralloc *to)
{
  static stralloc host = STRALLOC_ZERO;
  int r = host.len ? 1 : control_line(&host, "idhost");
  if (r == 0) r = control_line(&host, "me");
  if (r == -1) no_controls();
  if (!host.len && !bytes_setx(&host, &greeting)) return 0;
  return bytes_add(to, "Message-ID: ") && message_id(to, host.s, host.len, time(0)) && bytes_addc(to, '\n');
}

static int add_date(stralloc *to)
{
  return bytes_add(to, "Date: ") && date_header(to, time(0)) && bytes_addc(to, '\n');
}

/* Mail of our own users gets what RFC 5322 demands and their programs leave out; that of strangers passes as it is. */
static void complete_header(void)
{
  static stralloc fields = STRALLOC_ZERO;
  message.completed = true;
  if (message.header.is_none) return;
  fields.len = 0;
  if (!message.header.has_date && !add_date(&fields)) no_memory();
  if (!message.header.has_id && !add_message_id(&fields)) no_memory();
  if (fields.len) queue_client_put(&queue, fields.s, fields.len);
}

static void store(char const *s, size_t len)
{
  size_t in_header = message.completed ? 0 : header_take(&message.header, s, len);
  if (in_header) queue_client_put(&queue, s, in_header);
  if (!message.completed && message.header.over) complete_header();
  if (in_header < len) queue_client_put(&queue, s + in_header, len - in_header);
}

static void keep(char const *s, size_t len)
{
  if (message.given_up) return;
  message.bytes += len;
  hops_take(&message.hops, s, len);
  message.given_up = refusal_of_message() != 0;
  if (message.given_up) queue_client_fail(&queue);
  else store(s, len);
}

/* The time in which a wanted message comes fast enough is no part of the session's: a gigabyte on a slow line takes
   long. A client that was fast has not earned a rest. */
static void give_time(void)
{
  if (!message.session_end || message.given_up) return;
  time_t spent = monotonic_seconds() - message.began, earned = (time_t)(message.taken / MESSAGE_RATE);
  net.session_end = message.session_end + (spent < earned ? spent : earned);
}

static bool input_waits(void)
{
  struct pollfd x = { .fd = net.in, .events = POLLIN };
  return poll(&x, 1, 0) == 1;
}

static void take_message(void)
{
  static char stored[sizeof net.input + 1];
  size_t len;
  while (!body_done(&message.body)) {
    /* A client that ended its spoiled message its own way waits for us as we would for it. */
    if (net.begin == net.end && body_seems_over(&message.body) && !input_waits()) send_away(BARE_LINE_END, "bare LF");
    if (net.begin == net.end) net_fill(&net);
    size_t taken = body_take(&message.body, net.input + net.begin, net.end - net.begin, stored, &len);
    net.begin += taken;
    message.taken += taken;
    keep(stored, len);
    give_time();
  }
}

/* What the Received field says beyond the family's words, or keeps to itself. */
static struct { bool id, recipient, client_hidden; } received_options;

static void describe(struct received *r)
{
  static char id[2 * UINT64_FMT + 1];
  bool hidden = received_options.client_hidden;
  if (received_options.id) {
    size_t n = uint64_fmt(id, (uint64_t)time(0));
    id[n++] = '.';
    id[n + uint64_fmt(id + n, queue_client_qp(&queue))] = 0;
  }
  *r = (struct received){
    .remote_host = hidden ? UNKNOWN : client.host, .remote_ip = hidden ? UNKNOWN : client.ip,
    .local_host = client.local, .remote_info = hidden ? 0 : client.info,
    .helo = hello.said && !hidden ? hello.name.s : 0, .helo_len = hello.name.len, .extended = hello.extended,
    .id = received_options.id ? id : 0,
    .only_recipient = received_options.recipient && mail.count == 1 ? mail.recipients.s : 0
  };
}

/* Who wrote DATA with LF alone, and may, ends the message so. */
static enum body_policy policy_of_message(void)
{
  return line_ends == BODY_NORMALISE && command.bare_lf ? BODY_LF : line_ends;
}

static void begin_message(void)
{
  static stralloc field = STRALLOC_ZERO;
  struct received r;
  describe(&r);
  message.hops = (struct hops){ 0 };
  message.header = (struct header){ 0 };
  message.completed = header_kept || !client.suffix;
  message.bytes = message.taken = 0;
  message.began = monotonic_seconds();
  message.session_end = net.session_end;
  message.given_up = false;
  body_init(&message.body, policy_of_message());
  field.len = 0;
  if (!received_field(&field, &r, time(0))) no_memory();
  queue_client_put(&queue, field.s, field.len);
}

static void give_envelope(void)
{
  queue_client_from(&queue, mail.sender.s, mail.sender.len);
  for (char const *s = mail.recipients.s; s < mail.recipients.s + mail.recipients.len; s += strlen(s) + 1)
    queue_client_to(&queue, s, strlen(s));
}

static void accepted(void)
{
  char number[UINT64_FMT];
  unsigned long qp = queue_client_qp(&queue);
  struct journal_accepted const a = {
    .ip = client.ip, .sender = &mail.sender, .recipients = mail.count, .bytes = message.bytes, .qp = qp
  };
  /* An accepted message without its answer comes again: the answer does not wait for a log that stands still. */
  bool journal_first = journal_ready();
  if (journal_first) journal_accepted(&a);
  tally.accepted++;
  net_puts(&net, OK);
  net_puts(&net, " ");
  net_put(&net, number, uint64_fmt(number, (uint64_t)time(0)));
  net_puts(&net, " qp ");
  net_put(&net, number, uint64_fmt(number, qp));
  net_puts(&net, "\r\n");
  if (journal_first) return;
  net_flush(&net);
  journal_accepted(&a);
}

/* Only what qmail-queue has made durable is answered with 250. */
static void hand_over(void)
{
  static stralloc text = STRALLOC_ZERO;
  char const *no = refusal_of_message();
  if (!no && !message.completed) complete_header();
  if (!no) give_envelope();
  char const *verdict = queue_client_close(&queue);
  if (no) reply(no);
  else if (!*verdict) accepted();
  else if (verdict_reply(&text, verdict)) reply(text.s);
  else no_memory();
}

/* ---- verbs, in the order in which a client uses them ---- */

static void hear_hello(char const *name, size_t len, bool extended)
{
  copy(&hello.name, name, len);
  hello.said = true;
  hello.extended = extended;
  forget_mail();
}

static void verb_helo(char const *arg, size_t len)
{
  hear_hello(arg, len, false);
  say_greeting("250 ", "");
}

static void verb_ehlo(char const *arg, size_t len)
{
  char number[ULONG_FMT];
  hear_hello(arg, len, true);
  say_greeting("250-", "");
  say("250-PIPELINING");
  say("250-8BITMIME");
  net_puts(&net, databytes ? "250-SIZE " : "250-SIZE");
  if (databytes) net_put(&net, number, ulong_fmt(number, databytes));
  say("");
  say("250 ENHANCEDSTATUSCODES");
}

static char const *const parameter_refusals[] = {
  [PARAMETERS_OK] = 0, [PARAMETERS_UNKNOWN] = UNKNOWN_PARAMETER, [PARAMETERS_BAD_VALUE] = BAD_VALUE
};

/* What is wrong with the argument of MAIL, or null; its address is then in command.address. */
static char const *refusal_of_mail(char const *arg, size_t len)
{
  size_t rest;
  struct mail_parameters parameters;
  if (!take_address(arg, len, &rest)) return SYNTAX;
  if (is_like_an_option(&command.address)) return HYPHEN;
  enum parameters_result r = parameters_of_mail(&parameters, arg + rest, len - rest);
  if (r != PARAMETERS_OK) return parameter_refusals[r];
  return databytes && parameters.size > databytes ? TOO_LARGE : 0;
}

static void verb_mail(char const *arg, size_t len)
{
  char const *no = refusal_of_mail(arg, len);
  if (no) {
    reply(no);
    return;
  }
  forget_mail();
  copy(&mail.sender, command.address.s, command.address.len);
  mail.unwanted = is_unwanted(&mail.sender);
  mail.open = true;
  reply(SENDER_OK);
}

static void add_recipient(stralloc const *recipient)
{
  if (!bytes_addx(&mail.recipients, recipient)) no_memory();
  if (client.suffix && !bytes_add(&mail.recipients, client.suffix)) no_memory();
  if (!bytes_end(&mail.recipients)) no_memory();
  mail.count++;
}

static char const *refusal_of_rcpt(char const *arg, size_t len)
{
  size_t rest;
  command.of_recipient = true;
  if (!take_address(arg, len, &rest)) return SYNTAX;
  enum parameters_result r = parameters_of_rcpt(arg + rest, len - rest);
  return r != PARAMETERS_OK ? parameter_refusals[r] : refusal_of(&command.address);
}

/* How long the answer about the n-th unknown recipient of a session waits: 1, 2, 4, 8 and then 10 seconds. */
static unsigned seconds_of_unknown(unsigned long n)
{
  if (n <= UNKNOWN_FREE) return 0;
  unsigned long doubled = n - UNKNOWN_FREE - 1;
  return doubled < 4 ? 1U << doubled : UNKNOWN_SECONDS;
}

/* Who tries names to find those that exist waits longer and longer, and then has to come again. */
static void deter_from_guessing(void)
{
  tally.unknown++;
  if (tally.unknown > UNKNOWN_MAX) send_away(TOO_MANY_UNKNOWN, "unknown recipients");
  net_pause(&net, seconds_of_unknown(tally.unknown));
}

static void verb_rcpt(char const *arg, size_t len)
{
  char const *no = refusal_of_rcpt(arg, len);
  if (no == NO_MAILBOX) deter_from_guessing();
  bool again = no == TOO_MANY_RECIPIENTS && mail.told_too_many;
  if (no == TOO_MANY_RECIPIENTS) mail.told_too_many = true;
  if (!no) add_recipient(&command.address);
  /* A list server may offer thousands of recipients too many; the log hears of the first. */
  if (again) say(no);
  else reply(no ? no : RECIPIENT_OK);
}

static void verb_data(char const *arg, size_t len)
{
  (void)arg, (void)len;
  if (queue_client_open(&queue)) {
    begin_message();
    say(GO_AHEAD);
    take_message();
    hand_over();
  } else {
    reply(QUEUE_NOT_STARTED);
  }
  forget_mail();
}

static void verb_rset(char const *arg, size_t len)
{
  (void)arg, (void)len;
  forget_mail();
  reply(FLUSHED);
}

static void verb_noop(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(OK);
}

static void verb_vrfy(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(TRY);
}

static void verb_help(char const *arg, size_t len);

static _Noreturn void verb_quit(char const *arg, size_t len)
{
  (void)arg, (void)len;
  say_greeting("221 2.0.0 ", "");
  net_flush(&net);
  leave(0, "quit");
}

/* A browser was talked into sending mail. */
static _Noreturn void verb_http(char const *arg, size_t len)
{
  (void)arg, (void)len;
  send_away(NOT_A_WEB_SERVER, "web client");
}

static void verb_unknown(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(UNIMPLEMENTED);
}

struct verb {
  char const *name;
  void (*does)(char const *, size_t);
  char const *without_mail, *without_rcpt;      /* the refusal before MAIL, before RCPT */
  bool ends_group;                              /* the client must wait for the answer, RFC 2920 3.1 */
};

static struct verb const verbs[] = {
  /* name   does       without MAIL  without RCPT ends group */
  { "HELO", verb_helo, 0,            0,           false },
  { "EHLO", verb_ehlo, 0,            0,           false },
  { "MAIL", verb_mail, 0,            0,           false },
  { "RCPT", verb_rcpt, MAIL_FIRST,   0,           false },
  { "DATA", verb_data, MAIL_FIRST,   RCPT_FIRST,  true },
  { "RSET", verb_rset, 0,            0,           false },
  { "NOOP", verb_noop, 0,            0,           false },
  { "VRFY", verb_vrfy, 0,            0,           false },
  { "HELP", verb_help, 0,            0,           false },
  { "QUIT", verb_quit, 0,            0,           false },
  { 0,      verb_unknown, 0,         0,           false }
};

static struct verb const web_verbs[] = {
  { "GET", verb_http, 0, 0, false },     { "HEAD", verb_http, 0, 0, false },
  { "POST", verb_http, 0, 0, false },    { "PUT", verb_http, 0, 0, false },
  { "PATCH", verb_http, 0, 0, false },   { "DELETE", verb_http, 0, 0, false },
  { "OPTIONS", verb_http, 0, 0, false }, { "TRACE", verb_http, 0, 0, false },
  { "CONNECT", verb_http, 0, 0, false }, { 0, 0, 0, 0, false }
};

static void verb_help(char const *arg, size_t len)
{
  (void)arg, (void)len;
  net_puts(&net, "214 2.0.0");
  for (struct verb const *v = verbs; v->name; v++) {
    net_puts(&net, " ");
    net_puts(&net, v->name);
  }
  say("");
}

/* ---- the conversation ---- */

static struct verb const *verb_in(struct verb const *table, char const *name, size_t len)
{
  while (table->name && (strlen(table->name) != len || strncasecmp(table->name, name, len) != 0)) table++;
  return table;
}

/* A pipe in the place of a socket holds what was written into it, and says nothing about when. */
static bool client_has_spoken(void)
{
  char c;
  ssize_t r = recv(net.in, &c, 1, MSG_PEEK | MSG_DONTWAIT);
  if (r == -1 && errno == ENOTSOCK) return false;
  return r > 0 || net.begin < net.end;
}

static void obey(char const *line, size_t len)
{
  char const *space = memchr(line, ' ', len);
  size_t verb_len = space ? (size_t)(space - line) : len;
  struct verb const *web = verb_in(web_verbs, line, verb_len);
  struct verb const *verb = web->name ? web : verb_in(verbs, line, verb_len);
  in_hand(line, verb_len);
  while (verb_len < len && line[verb_len] == ' ') verb_len++;
  if (verb->ends_group && client_has_spoken()) send_away(TALKS_EARLY, "talks early");
  if (verb->without_mail && !mail.open) reply(verb->without_mail);
  else if (verb->without_rcpt && !mail.count) reply(verb->without_rcpt);
  else verb->does(line + verb_len, len - verb_len);
}

static bool is_broken(char const *line, size_t len)
{
  return (command.bare_lf && line_ends == BODY_STRICT) || memchr(line, '\r', len) || memchr(line, 0, len);
}

static _Noreturn void converse(void)
{
  static char line[COMMAND_MAX];
  size_t len;
  for (;;) {
    in_hand("command", 7);
    enum net_line r = net_line(&net, line, sizeof line, &len, &command.bare_lf);
    tally.commands++;
    if (r == NET_TOO_LONG) reply(LINE_TOO_LONG);
    else if (is_broken(line, len)) reply(LINE_IS_BROKEN);
    else obey(line, len);
  }
}

/* ---- the beginning ---- */

/* tcpserver calls the facts about an IPv6 connection TCP6..., and TCP... as well, if it is a newer one. */
static char const *fact(char const *name, char const *name6, char const *otherwise)
{
  char const *value = getenv(name);
  if (!value) value = getenv(name6);
  return value ? value : otherwise;
}

static void learn_client(void)
{
  char const *local_ip = fact("TCPLOCALIP", "TCP6LOCALIP", UNKNOWN);
  client.ip = fact("TCPREMOTEIP", "TCP6REMOTEIP", UNKNOWN);
  client.host = fact("TCPREMOTEHOST", "TCP6REMOTEHOST", UNKNOWN);
  client.info = fact("TCPREMOTEINFO", "TCP6REMOTEINFO", 0);
  client.local = fact("TCPLOCALHOST", "TCP6LOCALHOST", local_ip);
  client.suffix = getenv("RELAYCLIENT");
}

/* Whether the word is in the text, words being separated by blanks. */
static bool has_word(char const *text, char const *word)
{
  size_t len = strlen(word);
  while (*text) {
    size_t n = strcspn(text, " ");
    if (n == len && !memcmp(text, word, len)) return true;
    text += n + strspn(text + n, " ");
  }
  return false;
}

static bool is_number(char const *s)
{
  return *s >= '0' && *s <= '9';
}

static void learn_setting(struct setting const *to, char const *value)
{
  if (to->line && *value && !bytes_set(to->line, value)) no_memory();
  if (to->line) return;
  if (is_number(value)) *to->number = strtoul(value, 0, 10);
  else if (to->number == &databytes) databytes = 0;     /* as the family has it: no limit */
  else strerr_warnw("no number: ", to->variable, "=", value);
}

static void learn_settings(void)
{
  for (struct setting const *s = settings; s->variable; s++) {
    char const *value = getenv(s->variable);
    if (value) learn_setting(s, value);
  }
}

/* The words of rblsmtpd: a text that begins with a hyphen means for ever. */
static void learn_blocking(void)
{
  char const *text = getenv("RBLSMTPD");
  if (!text || !*text) return;
  bool for_ever = *text == '-';
  bool done = bytes_set(&blocked, for_ever ? "553 5.7.1 " : "451 4.7.1 ");
  text += for_ever;
  for (size_t i = 0; done && text[i] && i < BLOCKING_MAX; i++)
    done = bytes_addc(&blocked, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
  if (!done || !bytes_end(&blocked)) no_memory();
}

static void learn_received(void)
{
  char const *received = getenv("SMTPD_RECEIVED");
  if (!received) return;
  received_options.id = has_word(received, "id");
  received_options.recipient = has_word(received, "for");
  received_options.client_hidden = has_word(received, "hide");
}

static bool variable_is(char const *name, char const *word)
{
  char const *value = getenv(name);
  return value && !strcmp(value, word);
}

static void learn_policy(void)
{
  learn_settings();
  learn_blocking();
  learn_received();
  mailboxes_unchecked = getenv("NORCPTCHECK") != 0;
  hyphens_allowed = variable_is("SMTPD_HYPHEN", "allow");
  header_kept = variable_is("SMTPD_HEADER", "keep");
  if (variable_is("SMTPD_BARE", "normalise")) line_ends = BODY_NORMALISE;
}

static unsigned seconds(unsigned long n)
{
  return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

static void read_controls(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) {
    strerr_warnwusys("chdir to ", HOME);
    no_controls();
  }
  if (!control_load(controls, &culprit)) {
    strerr_warnwusys("read ", culprit);
    no_controls();
  }
  if (!local_ip_host.len && control_line(&local_ip_host, "me") == -1) no_controls();
}

/* For a client that may relay rcpthosts need not exist: it is not asked. */
static void read_rcpthosts(void)
{
  if (client.suffix) return;
  int r = control_exists("rcpthosts");
  if (r == 0) send_away(NO_RCPTHOSTS, "no rcpthosts");
  if (r == -1 || !rcpthosts_open_more(&rcpthosts)) {
    strerr_warnwusys("read ", r == -1 ? "control/rcpthosts" : "control/morercpthosts.cdb");
    no_controls();
  }
}

/* A client that talks before the greeting does not hear us: it is a robot, or a page in a browser. */
static void refuse_early_talker(void)
{
  if (client_has_spoken()) send_away(TALKS_FIRST, "talks first");
}

int main(void)
{
  PROG = "qmail-smtpd";
  in_hand("connect", 7);
  tally.began = monotonic_seconds();
  sig_altignore(SIGPIPE);
  net_init(&net, 0, 1, 60, 0, lost);
  learn_client();
  if (!bytes_ready(&command.address, ADDRESS_MAX)) no_memory();
  read_controls();
  read_rcpthosts();
  learn_policy();
  net_init(&net, 0, 1, seconds(timeout), seconds(session_seconds), lost);
  refuse_early_talker();
  say_greeting("220 ", " ESMTP");
  converse();
}
