#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "bytes.h"
#include "capture.h"
#include "client.h"
#include "dnslists.h"
#include "grant.h"
#include "memory.h"
#include "monotonic.h"
#include "net.h"
#include "policy.h"
#include "reply.h"
#include "sasl.h"
#include "session.h"
#include "smtpd_confine.h"
#include "smtpd_serve.h"
#include "verbs.h"

enum {
  COMMAND_MAX = 2048,                           /* bytes of a command without its CR LF */
  AUTH_MAX = SASL_LINE_MAX + 32,                /* of one that brings a response */
  SILENCE = 60, PROBE_AFTER = 30, PROBE_EVERY = 10  /* seconds without a sign of the other end */
};

static bool is_too_long(char const *line, size_t len)
{
  return len > COMMAND_MAX && strncasecmp(line, "AUTH ", 5) != 0;
}

static bool is_broken(char const *line, size_t len)
{
  bool bare_lf = session.command.bare_lf && !policy.bare_normalised;
  return bare_lf || memchr(line, '\r', len) || memchr(line, 0, len);
}

/* Behind a BDAT that says nothing comes text, which must not be obeyed. */
static void refuse_line(struct refusal const *no, char const *line, size_t len)
{
  if (verbs_lose_a_chunk(line, len)) reply_send_away(&REPLY_CHUNK_LOST, "chunk lost");
  reply_refuse(no);
}

static _Noreturn void converse(void)
{
  static char line[AUTH_MAX];
  size_t len;
  for (;;) {
    session_command("command", 7);
    enum net_line r = net_line(&session.net, line, sizeof line, &len, &session.command.bare_lf);
    session.tally.commands++;
    if (r == NET_TOO_LONG || is_too_long(line, len)) refuse_line(&REPLY_LINE_TOO_LONG, line, len);
    else if (is_broken(line, len)) refuse_line(&REPLY_LINE_IS_BROKEN, line, len);
    else verbs_obey(line, len);
  }
}

static unsigned seconds(unsigned long n)
{
  return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

/* A client that talks before the greeting does not hear us: it is a robot, or a page in a browser. */
static void refuse_early_talker(void)
{
  if (session_client_has_spoken()) reply_send_away(&REPLY_TALKS_FIRST, "talks first");
}

static void refuse_too_many(void)
{
  struct refusal const *no = grant_refusal_of_client();
  if (no) reply_send_away(no, "limits");
}

/* While a customer is sent his mail no other call of his gets any: when his line has dropped without a word that must have an end.
   The options are the connection's, and stay with it when another process sends the mail. */
static void notice_a_dropped_line(void)
{
  static struct { int level, option, value; } const options[] = {
    { SOL_SOCKET, SO_KEEPALIVE, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER }, { IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY },
    { IPPROTO_TCP, TCP_USER_TIMEOUT, 1000 * SILENCE }
  };
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    setsockopt(session.net.in, options[i].level, options[i].option, &options[i].value, sizeof options[i].value);
}

void smtpd_serve(void)
{
  PROG = "qmail-smtpd";
  session_command("connect", 7);
  session.tally.began = monotonic_seconds();
  sig_altignore(SIGPIPE);
  net_init(&session.net, 0, 1, 60, 0, reply_lost);
  memory_gone = reply_no_memory;
  session_learn_client();
  if (!bytes_ready(&session.command.address, ADDRESS_MAX)) reply_no_memory();
  client_hear_proxy();
  if (!policy_read()) reply_no_controls();
  client_read_rcpthosts();
  if (!policy_learn()) reply_no_memory();
  dnslists_begin();
  net_init(&session.net, 0, 1, seconds(policy.timeout), seconds(policy.session_seconds), reply_lost);
  capture_begin(&session.net, session.client.ip);
  if (policy.may_turn) notice_a_dropped_line();
  refuse_too_many();
  refuse_early_talker();
  dnslists_turn_away();
  hello_say_greeting("220 ", " ESMTP");
  net_flush(&session.net);
  smtpd_confine();
  converse();
}
