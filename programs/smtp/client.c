#include <stdlib.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "client.h"
#include "client_rules.h"
#include "control.h"
#include "literal.h"
#include "policy.h"
#include "proxy.h"
#include "rcpthosts.h"
#include "reply.h"
#include "session.h"

enum { PROXY_SECONDS = 10 };          /* for the header of a machine that is near */

static char const usual_rules[] = "/etc/tcp.smtp.cdb";

static bool is_same_ip(ip46 const *a, char const *s, size_t len)
{
  ip46 b;
  return literal_number(&b, s, len) && a->is6 == b.is6 && !memcmp(a->ip, b.ip, a->is6 ? 16 : 4);
}

bool client_may_speak_for_others(char const *variable)
{
  char const *s = getenv(variable);
  ip46 ip;
  if (!s || session.client.via || !literal_number(&ip, session.client.ip, strlen(session.client.ip))) return false;
  while (*s) {
    size_t n = strcspn(s, " ");
    if (is_same_ip(&ip, s, n)) return true;
    s += n + strspn(s + n, " ");
  }
  return false;
}

bool client_may_say_xclient(void)
{
  return client_may_speak_for_others("SMTPD_XCLIENT");
}

/* ---- the rules ---- */

static stralloc table = STRALLOC_ZERO;

static void no_rules(char const *path)
{
  strerr_warnwusys("read ", path);
  reply_no_controls();
}

/* Without a table, as without -x, everybody may connect. */
static void read_table(void)
{
  char const *path = getenv("SMTPD_RULES");
  if (!path) path = usual_rules;
  table.len = 0;
  if (control_slurp_path(&table, path) == -1) no_rules(path);
}

/* Empty where none speaks for the client. */
static struct field rule_now(void)
{
  char const *info = session.client.info, *host = session.client.host;
  struct client_facts const facts = { session.client.ip, host == SESSION_UNKNOWN ? 0 : host, info };
  struct field rule = { "", 0 };
  if (table.len && client_rules_find(&rule, table.s, table.len, &facts) == -1) no_rules("the rules");
  return rule;
}

static void put(char const *name, char const *value)
{
  if ((value ? setenv(name, value, 1) : unsetenv(name)) == -1) reply_no_memory();
}

/* ---- another client ---- */

static void tell(char const *name, char const *name6, char const *value)
{
  if (!value) return;
  put(name, *value ? value : 0);
  put(name6, 0);
}

static void tell_all(struct client_news const *n)
{
  tell("TCPREMOTEIP", "TCP6REMOTEIP", n->ip);
  tell("TCPREMOTEHOST", "TCP6REMOTEHOST", n->host);
  tell("TCPREMOTEINFO", "TCP6REMOTEINFO", "");
  tell("TCPREMOTEPORT", "TCP6REMOTEPORT", n->port);
  tell("TCPLOCALIP", "TCP6LOCALIP", n->local_ip);
  tell("TCPLOCALPORT", "TCP6LOCALPORT", n->local_port);
}

/* What the rule for the one in between has set is none of the client's; and least of all that he may send to the whole world,
   also where the table that said so is not the one that is read here. */
static void take_rights_back(void)
{
  if (!client_rules_unset(rule_now())) reply_no_memory();
  tell("RELAYCLIENT", "ROAMING", "");
}

void client_becomes(struct client_news const *news)
{
  static stralloc via = STRALLOC_ZERO;
  if (!bytes_set(&via, session.client.ip) || !bytes_end(&via)) reply_no_memory();
  read_table();
  take_rights_back();
  tell_all(news);
  session_learn_client();
  if (news->ip) session.client.via = via.s;
  struct field const rule = rule_now();
  if (client_rules_deny(rule)) reply_send_away(&REPLY_DENIED, "denied");
  if (!client_rules_set(rule)) reply_no_memory();
  session_learn_client();
}

/* For a client that may relay rcpthosts need not exist: it is not asked. */
void client_read_rcpthosts(void)
{
  if (session.client.suffix) return;
  int r = control_exists("rcpthosts");
  if (r == 0) reply_send_away(&REPLY_NO_RCPTHOSTS, "no rcpthosts");
  if (r == -1 || (!policy.rcpthosts.has_more && !rcpthosts_open_more(&policy.rcpthosts))) {
    strerr_warnwusys("read ", r == -1 ? "control/rcpthosts" : "control/morercpthosts.cdb");
    reply_no_controls();
  }
}

/* ---- PROXY ---- */

static enum proxy_said hear(struct proxy *p)
{
  static char header[PROXY_MAX];
  enum proxy_said said = PROXY_MORE;
  for (size_t len = 0; said == PROXY_MORE && len < sizeof header; said = proxy_read(p, header, len))
    header[len++] = net_getc(&session.net);
  return said;
}

void client_hear_proxy(void)
{
  struct proxy p;
  if (!client_may_speak_for_others("SMTPD_PROXY")) return;
  net_allow(&session.net, PROXY_SECONDS);
  enum proxy_said said = hear(&p);
  session.net.allowed_until = 0;
  if (said == PROXY_MORE || said == PROXY_BROKEN) reply_send_away(&REPLY_NO_PROXY, "no PROXY header");
  /* The bytes behind it would be forgotten when the limits of the site are known. */
  if (session.net.begin != session.net.end) reply_send_away(&REPLY_TALKS_FIRST, "talks first");
  if (said == PROXY_CLIENT)
    client_becomes(&(struct client_news){ .ip = p.ip, .host = "", .port = p.port, .local_ip = p.local_ip, .local_port = p.local_port });
}
