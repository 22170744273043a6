#include <limits.h>
#include <string.h>
#include <time.h>

#include <skalibs/sig.h>
#include <skalibs/types.h>

#include "address_utf8.h"
#include "bytes.h"
#include "capture.h"
#include "client.h"
#include "dnslists.h"
#include "envelope_extra.h"
#include "grant.h"
#include "memory.h"
#include "monotonic.h"
#include "netmail.h"
#include "netstring_length.h"
#include "policy.h"
#include "reply.h"
#include "smtpd_confine.h"
#include "text.h"

static bool between_messages = true;

void netmail_between_messages(bool are_we)
{
  between_messages = are_we;
}

/* ---- the beginning and the end ---- */

/* Who hangs up has heard of all that was taken, or will ask again. */
static _Noreturn void lost(struct net *n, enum net_loss loss)
{
  static struct { int code; char const *how; } const ends[] = {
    [NET_EOF] = { 0, "hangup" }, [NET_ERROR] = { 0, "connection broken" },
    [NET_TIMEOUT] = { 111, "timeout" }, [NET_SESSION_OVER] = { 111, "too long" }
  };
  (void)n;
  if (loss == NET_EOF && between_messages) reply_leave(0, "quit");
  reply_leave(ends[loss].code, ends[loss].how);
}

static unsigned seconds(unsigned long n)
{
  return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

/* Whom the rules let in by QMQP hands over the mail of his users: it goes where it will. Both protocols bring a message as it is. */
static void set_protocol_apart(void)
{
  policy.header_kept = true;
  if (session.protocol != SESSION_QMQP) return;
  session.client.suffix = "";
  policy.mailboxes_unchecked = true;
}

static void read_policy(void)
{
  if (!policy_read()) reply_no_controls();
  if (session.protocol == SESSION_QMTP) client_read_rcpthosts();
  if (!policy_learn()) reply_no_memory();
  set_protocol_apart();
}

void netmail_begin(enum session_protocol protocol)
{
  session.protocol = protocol;
  session_command("connect", 7);
  session.tally.began = monotonic_seconds();
  sig_altignore(SIGPIPE);
  net_init(&session.net, 0, 1, 60, 0, lost);
  memory_gone = reply_no_memory;
  session_learn_client();
  if (!bytes_ready(&session.command.address, NETMAIL_ADDRESS_MAX)) reply_no_memory();
  read_policy();
  dnslists_begin();
  net_init(&session.net, 0, 1, seconds(policy.timeout), seconds(policy.session_seconds), lost);
  capture_begin(&session.net, session.client.ip);
  struct refusal const *no = grant_refusal_of_client();
  if (no) reply_send_away(no, "limits");
  dnslists_turn_away();
  smtpd_confine();
}

_Noreturn void netmail_broken(void)
{
  reply_note(&REPLY_BROKEN_NETSTRING);
  net_flush(&session.net);
  reply_leave(100, "broken netstring");
}

/* ---- netstrings ---- */

char netmail_byte(uint32_t *left)
{
  struct net *net = &session.net;
  if (left && !*left) netmail_broken();
  if (left) --*left;
  if (net->begin == net->end) net_fill(net);
  char c = net->input[net->begin];
  net_pass(net, 1);
  return c;
}

uint32_t netmail_length(uint32_t *left)
{
  struct netstring_length n = { 0 };
  enum netstring_length_said said;
  do said = netstring_length_take(&n, netmail_byte(left));
  while (said == NETSTRING_MORE);
  if (said == NETSTRING_BROKEN) netmail_broken();
  if (said == NETSTRING_TOO_LONG) reply_send_away(&REPLY_TOO_LARGE, "too large");
  if (left && n.bytes > *left) netmail_broken();
  return n.bytes;
}

void netmail_comma(uint32_t *left)
{
  if (netmail_byte(left) != ',') netmail_broken();
}

/* ---- the message ---- */

/* CR LF becomes LF. Whether the last byte is a CR that waits for the next; out has room for a byte more. */
static bool without_cr(bool cr_waits, char const *in, size_t len, char *out, size_t *out_len)
{
  char *to = out;
  for (size_t i = 0; i < len; i++) {
    if (cr_waits && in[i] != '\n') *to++ = '\r';
    cr_waits = in[i] == '\r';
    if (!cr_waits) *to++ = in[i];
  }
  *out_len = (size_t)(to - out);
  return cr_waits;
}

/* At the end no byte comes that a CR could wait for. */
void netmail_text(struct message *m, uint32_t len, bool has_crlf)
{
  static char stored[sizeof session.net.input + 1];
  struct net *net = &session.net;
  bool cr_waits = false;
  for (size_t stored_len, n; len; len -= (uint32_t)n) {
    if (net->begin == net->end) net_fill(net);
    char const *in = net->input + net->begin;
    n = net->end - net->begin < len ? net->end - net->begin : len;
    if (has_crlf) cr_waits = without_cr(cr_waits, in, n, stored, &stored_len);
    message_put(m, has_crlf ? stored : in, has_crlf ? stored_len : n, n);
    net_pass(net, n);
  }
  if (cr_waits) message_put(m, "\r", 1, 0);
}

/* ---- addresses ---- */

static bool is_control(char c)
{
  return (unsigned char)c < ' ' || c == 127;
}

/* Control bytes would come to the shells and terminals of those the address is shown to. */
bool netmail_address(uint32_t *left, size_t max)
{
  stralloc *to = &session.command.address;
  uint32_t len = netmail_length(left);
  bool is_usable = len <= max;
  to->len = 0;
  for (; len; len--) {
    char c = netmail_byte(left);
    if (is_control(c)) is_usable = false;
    if (is_usable) text_addc(to, c);
  }
  netmail_comma(left);
  if (!is_usable) return to->len = 0, false;
  session.command.has_address = true;
  session.command.utf8 = address_utf8_take(to);
  if (session.command.utf8 == ADDRESS_NO_MEMORY) reply_no_memory();
  if (session.command.utf8 == ADDRESS_UTF8) session.mail.utf8 = true;
  return true;
}

void netmail_mark_utf8(void)
{
  if (session.mail.utf8) session_add_extra(0, EXTRA_SMTPUTF8, "", 0);
}

/* ---- answers ---- */

void netmail_answer(char const *text)
{
  char number[UINT64_FMT];
  net_put(&session.net, number, uint64_fmt(number, strlen(text)));
  net_puts(&session.net, ":");
  net_puts(&session.net, text);
  net_puts(&session.net, ",");
}

char const *netmail_ok(struct message *m)
{
  static char text[2 * UINT64_FMT + 16];
  char *to = text;
  to = stpcpy(to, "Kok ");
  to += uint64_fmt(to, (uint64_t)time(0));
  to = stpcpy(to, " qp ");
  to[uint64_fmt(to, queue_client_qp(&m->queue))] = 0;
  return text;
}
