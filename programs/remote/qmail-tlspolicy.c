/* qmail-tlspolicy: tell how secretly mail for a domain would travel now, and why: what qmail-remote would ask of each server.

   runs as   who calls; root becomes qmailr
   reads     control/smtproutes, tlspolicy; answers of name servers; the domain's file in HOME/sts
   asks      qmail-stsd
   exits     0; 100 when called wrongly; 111 when it cannot tell
*/

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "accounts.h"
#include "become.h"
#include "control.h"
#include "die.h"
#include "dns.h"
#include "home.h"
#include "literal.h"
#include "remote_dane.h"
#include "remote_demands.h"
#include "remote_qmtp.h"
#include "remote_sts.h"
#include "remote_tls.h"
#include "smtp_route.h"
#include "tls_policy.h"

enum { DNS_SECONDS = 30 };

static struct nameset smtproutes = NAMESET_ZERO, tlspolicy = NAMESET_ZERO;

static struct control const controls[] = {
  /* file          kind         goes to       when absent */
  { "smtproutes",  CONTROL_MAP, &smtproutes,  0 },
  { "tlspolicy",   CONTROL_MAP, &tlspolicy,   0 },
  { 0 }
};

static char const *domain;
static struct smtp_route relay;
static bool relayed, tls, sts;
static struct tls_policy policy;
static struct dns_addresses found = DNS_ADDRESSES_ZERO;

/* Foreign bytes go to a terminal. */
static void say(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) putchar(s[i] == '\n' || (s[i] >= 32 && s[i] <= 126) ? s[i] : '?');
}

static void say_text(char const *s)
{
  say(s, strlen(s));
}

/* ---- what holds for all servers ---- */

static void tell_route(void)
{
  if (!relayed) return;
  say_text("control/smtproutes: through ");
  say(relay.host, relay.host_len);
  printf(", port %u%s; ", relay.port, relay.tls ? ", TLS from the beginning" : "");
  say_text("what control/smtpauth asks for is not looked at\n");
}

static void tell_line(void)
{
  printf("control/tlspolicy: %s", policy_word(policy.level));
  if (policy.names.len) say_text(", for");
  if (policy.names.len) say(policy.names.s, policy.names.len);
  say_text("\n");
}

static void tell_services(void)
{
  if (!tls) say_text("TLS: the service is down, so that there is none\n");
  if (policy.level != POLICY_PUBLISHED && policy.level != POLICY_DANE) return;
  say_text(dns_ask_for_proof() ? "DANE: where a zone is proven\n" : "DANE: no, since not all name servers of /etc/resolv.conf are on this host\n");
}

static void tell_sts(void)
{
  if (relayed || policy.level != POLICY_PUBLISHED) return;
  struct sts_policy const *p = sts ? sts_of(domain, tls) : 0;
  say_text("MTA-STS: ");
  say_text(p ? sts_modes[p->mode] : sts_is_hidden() ? "a file in sts that cannot be read: mail waits" :
    sts_is_lost() ? "a policy whose time is over, and nobody to look for another" : "no policy");
  for (size_t at = 0; p && at < p->len; at += strlen(p->patterns + at) + 1) {
    say_text(at ? ", " : ": ");
    say_text(p->patterns + at);
  }
  say_text("\n");
}

/* ---- servers ---- */

static void find(void)
{
  static char host[DNS_NAME_MAX + 1];
  snprintf(host, sizeof host, "%.*s", relayed ? (int)relay.host_len : (int)strlen(domain), relayed ? relay.host : domain);
  if (!dns_init(DNS_SECONDS)) strerr_diefusys(111, "start the resolver");
  if (tls) dns_ask_for_proof();
  switch (relayed ? dns_host(&found, host) : dns_mx(&found, host)) {
    case DNS_OK: return;
    case DNS_NOMEM: die_nomem();
    case DNS_SOFT: strerr_dief(111, "the name servers have no answer for ", host);
    default: strerr_dief(111, "no server takes mail for ", host);
  }
}

static char const *server_of(struct dns_address const *a)
{
  static char name[DNS_NAME_MAX + 1];
  ip46 ip;
  snprintf(name, sizeof name, "%s", a->host < genalloc_len(char *, &found.names) ? genalloc_s(char *, &found.names)[a->host] : "");
  return literal_number(&ip, name, strlen(name)) ? "" : name;
}

static void tell_asked(struct session const *s, bool by_qmtp)
{
  static char const *const proofs[TLS_PROOFS] = {
    [TLS_ANYBODY] = "must speak TLS, with whomever\n", [TLS_NAMED] = "must speak TLS, with a certificate for ",
    [TLS_DANE] = "must speak TLS, with a certificate that agrees with its TLSA records\n"
  };
  if (by_qmtp) say_text("plain text, by QMTP\n");
  else if (!s->asked.encrypted) say_text(tls && policy.level != POLICY_NONE ? "TLS if it offers that, with whomever\n" : "plain text\n");
  else say_text(proofs[s->asked.proof]);
  if (!s->asked.encrypted || s->asked.proof != TLS_NAMED) return;
  if (policy.names.len) say(policy.names.s, policy.names.len);
  else say_text(s->server);
  say_text("\n");
}

static void tell_server(struct dns_address const *a)
{
  char ip[IP46_FMT + 1];
  bool speaks_qmtp = qmtp_is_meant(relayed ? &relay : 0, a->preference);
  struct session s = { .tls = tls && policy.level != POLICY_NONE };
  struct session_failure why;
  struct demand const d = {
    .policy = policy, .least = demands_least(&policy, relayed && relay.tls), .domain = relayed ? 0 : domain, .tls = tls, .sts = sts,
    .found = &found, .address = a, .server = server_of(a),
    .port = relayed && !speaks_qmtp ? relay.port : SMTP_PORT
  };
  ip[ip46_fmt(ip, &a->ip)] = 0;
  printf("%" PRIu32 " ", a->preference);
  say_text(d.server);
  printf(" %s: ", ip);
  if (demands_set(&s, &d, &why)) tell_asked(&s, speaks_qmtp && !s.asked.encrypted && !demands_are_published(&s));
  else {
    say_text("gets nothing. ");
    say(why.text->s, why.text->len);
  }
}

/* ---- all of it ---- */

static void be_qmailr(void)
{
  if (geteuid() != 0) return;
  uid_t uid = account_uid("qmailr");
  gid_t gid = account_gid("qmail");
  if (!become(uid, gid)) strerr_diefusys(111, "become qmailr");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-tlspolicy";
  if (argc != 2) strerr_dieusage(100, "qmail-tlspolicy domain");
  domain = argv[1];
  enter_home();
  be_qmailr();
  control_load_or_die(controls);
  relayed = smtp_route_for(&relay, &smtproutes, domain);
  policy = policy_for(&tlspolicy, domain, relayed ? &relay : 0);
  if (policy.level == POLICY_SENSELESS) strerr_dief(111, "the line of control/tlspolicy for it makes no sense, so that mail waits");
  tls = tls_is_here();
  sts = sts_is_here();
  find();
  tell_route();
  tell_line();
  tell_services();
  tell_sts();
  for (size_t i = 0; i < genalloc_len(struct dns_address, &found.list); i++) tell_server(genalloc_s(struct dns_address, &found.list) + i);
  return fflush(stdout) ? 111 : 0;
}
