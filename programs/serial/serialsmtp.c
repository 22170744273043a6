/* serialsmtp: send messages of a Maildir over a connection, by SMTP, one after the other.

   runs as   whose Maildir it is, under tcpclient, which maildirserial has started
   reads     names of files on descriptor 0, the files, the server on descriptor 6
   changes   nothing; writes to the server on descriptor 7, what became of each file on descriptor 1
   exits     0 all names are done, 100 wrong use, 111 the connection is of no more use
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "mark.h"
#include "serial_client.h"
#include "serial_message.h"
#include "smtp_client.h"
#include "text.h"
#include "utf8.h"

#define USAGE "serialsmtp [ -ck ] prefix helohost"

MARK("serialsmtp");

enum { WRONG = 100, TROUBLE = 111, IN = 6, OUT = 7, LEAVING = 421 };

/* The server takes its time for the dot: who does not wait for the answer sends the message again (RFC 5321 4.5.3.2.6). */
static struct smtp_times const times = { .answer = 81, .dot = 600, .data = 73, .envelope = 600, .whole = 86400 };

static struct wanted {
  bool goes_on, keeps;          /* -c, -k */
  char const *prefix, *helohost;
} wanted;

static struct smtp_client client;
static struct serial_message message = SERIAL_MESSAGE_ZERO;
static struct smtp_reply about_recipient;
static char const *quoted_recipient;
static uint64_t sent;

/* ---- endings ---- */

static char const *const losses[SMTP_OUTCOMES] = {
  [SMTP_GREETING_FAILED] = "connected but greeting failed",
  [SMTP_NAME_REJECTED] = "connected but my name was rejected",
  [SMTP_RESET_FAILED] = "protocol violation: RSET was refused",
  [SMTP_DIED] = "network read error: the connection is gone, or the server was silent for too long",
  [SMTP_SENSELESS] = "protocol violation: the server answered out of step",
  [SMTP_BROKE_OFF] = "the server broke off in the midst of a message",
  [SMTP_UNREADABLE] = "a message could not be read to its end"
};

static _Noreturn void end_with(enum smtp_outcome o)
{
  if (o != SMTP_DIED && o != SMTP_SENSELESS) smtp_client_quit(&client);
  strerr_dief(TROUBLE, losses[o] ? losses[o] : "protocol violation");
}

/* ---- a message ---- */

static bool begin(void)
{
  sent = 0;
  return true;
}

static ssize_t next(char const **piece)
{
  return serial_message_next(&message, &sent, piece);
}

static char const *recipient(size_t i)
{
  (void)i;
  return quoted_recipient;
}

static void heard(size_t i, struct smtp_reply const *reply)
{
  (void)i;
  about_recipient = *reply;
}

static char const *quoted(stralloc *to, stralloc const *address)
{
  to->len = 0;
  while (!address_quote(to, address->s, address->len)) memory_gone();
  return text_z(to);
}

static enum smtp_outcome transact(char const *sender, struct serial_facts const *facts)
{
  static struct smtp_source const source = { begin, next };
  enum smtp_outcome o = smtp_client_envelope(&client, &(struct smtp_envelope){
    .sender = sender, .size = facts->wire, .eight_bit = facts->eight_bit, .count = 1, .recipient = recipient, .heard = heard,
    .utf8 = !utf8_is_ascii(sender, strlen(sender)) || !utf8_is_ascii(quoted_recipient, strlen(quoted_recipient))
  });
  if (o == SMTP_OK) o = smtp_client_message(&client, &source);
  if (o == SMTP_OK) o = smtp_client_verdict(&client);
  return o;
}

static struct field last_line(struct smtp_reply const *r)
{
  size_t end = r->len, begin;
  while (end && r->text[end - 1] == '\n') end--;
  for (begin = end; begin && r->text[begin - 1] != '\n'; begin--) ;
  return (struct field){ r->text + begin, end - begin };
}

/* What the server said of it. Without a word from him it is not known whether he has it, and there is no result. */
static void tell(char const *name, enum smtp_outcome o)
{
  struct smtp_reply const *r = o == SMTP_NOBODY_TAKEN ? &about_recipient : &client.reply;
  bool is_said = o != SMTP_DIED && o != SMTP_SENSELESS;
  if (is_said) serial_client_said(name, o == SMTP_OK ? 'K' : r->code >= 500 ? 'D' : 'Z', message.recipient.s, last_line(r));
  if (!is_said || o == SMTP_BROKE_OFF) end_with(o);
}

/* Another command would be one too many for who is leaving. */
static void leave_too(void)
{
  if (client.reply.code == LEAVING || about_recipient.code == LEAVING) strerr_dief(TROUBLE, "the server takes no more mail now");
}

/* RSET before each message but the first. */
static void be_ready(void)
{
  static bool is_second;
  enum smtp_outcome o = is_second ? smtp_client_reset(&client) : SMTP_OK;
  is_second = true;
  if (o != SMTP_OK) end_with(o);
  about_recipient.code = 0;
}

static void send_message(char const *name)
{
  static stralloc sender = STRALLOC_ZERO, to = STRALLOC_ZERO;
  static char const unsayable[] = "an address has bytes that end an SMTP command";
  struct serial_facts facts;
  char const *from = quoted(&sender, &message.sender);
  quoted_recipient = quoted(&to, &message.recipient);
  text_z(&message.recipient);
  if (!address_is_sayable(from, sender.len) || !address_is_sayable(quoted_recipient, to.len)) {
    serial_client_result(name, 'D', unsayable, sizeof unsayable - 1);
    return;
  }
  if (!serial_message_look(&message, &facts)) {
    serial_client_unreadable(name);
    return;
  }
  be_ready();
  enum smtp_outcome o = transact(from, &facts);
  if (o == SMTP_UNREADABLE) {
    serial_client_unreadable(name);
    end_with(o);
  }
  tell(name, o);
  leave_too();
}

static void learn_wishes(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, "ck", &options)) != -1;) {
    if (o == 'c') wanted.goes_on = true;
    else if (o == 'k') wanted.keeps = true;
    else strerr_dieusage(WRONG, USAGE);
  }
  if (argc - options.ind != 2) strerr_dieusage(WRONG, USAGE);
  wanted.prefix = argv[options.ind];
  wanted.helohost = argv[options.ind + 1];
}

static void greet(void)
{
  smtp_client_begin(&client, IN, OUT, &times);
  enum smtp_outcome o = wanted.goes_on ? smtp_client_greet_again(&client, IN, OUT, wanted.helohost) : smtp_client_greet(&client, wanted.helohost);
  if (o != SMTP_OK) end_with(o);
}

/* Who goes on where this one has ended must not take an answer that is still to come for one to him: RSET hears them all out. */
static void part(void)
{
  if (!wanted.keeps) {
    smtp_client_quit(&client);
    return;
  }
  enum smtp_outcome o = smtp_client_reset(&client);
  if (o == SMTP_OK && !smtp_client_is_idle(&client)) o = SMTP_SENSELESS;
  if (o != SMTP_OK) end_with(o);
}

int main(int argc, char const *const *argv)
{
  stralloc name = STRALLOC_ZERO;
  PROG = "serialsmtp";
  learn_wishes(argc, argv);
  sig_ignore(SIGPIPE);
  greet();
  while (serial_client_name(&name)) switch (serial_message_open(&message, name.s, wanted.prefix)) {
    case SERIAL_OPENED: send_message(name.s); break;
    case SERIAL_NOT_OURS: serial_client_not_ours(name.s); break;
    case SERIAL_UNREADABLE: serial_client_unreadable(name.s); break;
  }
  part();
  return 0;
}
