#include <strings.h>

#include "remote_dane.h"
#include "remote_demands.h"
#include "remote_sts.h"
#include "text.h"

static bool asks_the_zone(struct tls_policy const *p)
{
  return p->level == POLICY_PUBLISHED || p->level == POLICY_DANE;
}

static struct dane const *zone_of(struct demand const *d)
{
  return dane_of(d->found, d->address, d->server, d->domain, d->port);
}

/* ---- texts ---- */

static stralloc text = STRALLOC_ZERO;

/* Names come from strangers and end up in a report. */
static void add_name(char const *name)
{
  size_t at = text.len;
  text_add(&text, name);
  for (; at < text.len; at++)
    if (text.s[at] < 33 || text.s[at] > 126) text.s[at] = '?';
}

static void begin(char const *before, char const *name, char const *after)
{
  text.len = 0;
  text_add(&text, before);
  add_name(name);
  text_add(&text, after);
}

/* What an administrator can do who wants the mail to go all the same. */
static void add_way_out(struct demand const *d)
{
  text_add(&text, "To send all the same, until then: ");
  add_name(d->domain ? d->domain : d->server);
  text_add(&text, ":may in control/tlspolicy.\n");
}

static void add_records_text(struct dane const *zone)
{
  text_add(&text, "Its TLSA records (DANE) say how it must show who it is: who runs it must mend them, or it.\nLooked up: ");
  add_name(zone->place);
  text_add(&text, ".\n");
}

static char const *advice(struct demand const *d, struct dane const *zone)
{
  text.len = 0;
  add_records_text(zone);
  if (d->policy.level != POLICY_DANE) add_way_out(d);
  return text_z(&text);
}

static bool cannot_be_told(struct demand const *d, struct dane const *zone, struct session_failure *why)
{
  begin("The TLSA records (DANE) of ", d->server, " cannot be looked up: its zone is broken, or somebody forges it. (#4.4.3)\n");
  text_add(&text, "Looked up: ");
  add_name(zone->place);
  text_add(&text, ".\n");
  if (d->policy.level != POLICY_DANE) add_way_out(d);
  *why = (struct session_failure){ .why = "its TLSA records cannot be looked up", .text = &text };
  return false;
}

static bool is_not_proven(struct demand const *d, struct session_failure *why)
{
  begin("", *d->server ? d->server : "It",
        " has no TLSA record that a name server on this host has proven and that is of use, which control/tlspolicy asks for. (#4.7.5)\n");
  *why = (struct session_failure){ .why = "no TLSA record proves it", .text = &text };
  return false;
}

/* ---- reports ---- */

/* As far as it is known before. */
static struct tlsrpt_session report_for(struct demand const *d, enum tlsrpt_policy policy, char const *domain)
{
  static char ip[IP46_FMT + 1];
  ip[ip46_fmt(ip, &d->address->ip)] = 0;
  return (struct tlsrpt_session){ .policy = policy, .domain = domain, .server = d->server, .ip = ip };
}

/* ---- policies of domains ---- */

/* Only where the server's own zone says nothing, which is surer. */
static struct sts_policy const *rule_of(struct demand const *d)
{
  return d->sts && d->domain && d->policy.level == POLICY_PUBLISHED ? sts_of(d->domain, d->tls) : 0;
}

static void add_policy_text(struct demand const *d)
{
  text_add(&text, "Its policy (MTA-STS) asks for that: who runs it must mend that, or its servers.\nLooked up: https://mta-sts.");
  add_name(d->domain);
  text_add(&text, "/.well-known/mta-sts.txt.\n");
  add_way_out(d);
}

static bool is_not_allowed(struct demand const *d, struct session_failure *why)
{
  begin("", *d->server ? d->server : "It", " is none of the servers that the policy of ");
  add_name(d->domain);
  text_add(&text, " names. (#4.7.5)\n");
  add_policy_text(d);
  *why = (struct session_failure){ .why = "the policy of the domain does not name it", .text = &text };
  return false;
}

static bool cannot_be_met(struct demand const *d, struct session_failure *why)
{
  begin("Mail for ", d->domain, " must go in TLS, by the policy of the domain (MTA-STS), and this host has no service for it."
                               " (#4.3.0)\n");
  add_way_out(d);
  *why = (struct session_failure){ .why = "no TLS here", .text = &text };
  return false;
}

/* Trouble of this machine opens nobody's letters. */
static bool cannot_be_read(struct demand const *d, struct session_failure *why)
{
  begin("What is kept of the policy (MTA-STS) of ", d->domain, " cannot be read. (#4.3.0)\n");
  add_way_out(d);
  *why = (struct session_failure){ .why = "its policy cannot be read", .text = &text };
  return false;
}

static bool set_by_policy(struct session *s, struct demand const *d, struct session_failure *why)
{
  struct sts_policy const *p = rule_of(d);
  if (!p && sts_is_hidden()) return cannot_be_read(d, why);
  s->policy_lost = sts_is_lost();
  if (!p || !d->tls) return !p || p->mode != STS_ENFORCE || cannot_be_met(d, why);
  s->report = report_for(d, TLSRPT_STS, d->domain);
  if (!sts_allows(p, d->server)) s->report.result = TLSRPT_VALIDATION_FAILURE;
  if (p->mode != STS_ENFORCE) return true;
  if (!sts_allows(p, d->server)) return is_not_allowed(d, why);
  text.len = 0;
  add_policy_text(d);
  s->asked = (struct secrecy){ .encrypted = true, .proof = TLS_NAMED };
  s->advice = text_z(&text);
  return true;
}

/* ---- both ---- */

static void set_by_zone(struct session *s, struct demand const *d, struct dane const *zone)
{
  s->asked.encrypted = true;
  s->server = zone->base;
  s->advice = advice(d, zone);
  if (zone->wish != DANE_PROVEN) return;
  s->asked.proof = TLS_DANE;
  s->names = zone->names;
  s->tlsa = zone->tlsa;
}

/* A relay that speaks nothing but TLS is asked for it by that. */
struct secrecy demands_least(struct tls_policy const *p, bool tls_first)
{
  return (struct secrecy){
    .encrypted = tls_first || p->level >= POLICY_ENCRYPT,
    .proof = p->level == POLICY_DANE ? TLS_DANE : p->level == POLICY_VERIFY ? TLS_NAMED : TLS_ANYBODY
  };
}

bool demands_set(struct session *s, struct demand const *d, struct session_failure *why)
{
  s->server = d->server;
  s->asked = d->least;
  s->names = d->names;
  s->tlsa = (struct field){ 0 };
  s->advice = 0;
  s->policy_lost = false;
  s->report = (struct tlsrpt_session){ .policy = TLSRPT_NO_POLICY };
  if (!asks_the_zone(&d->policy)) return true;
  struct dane const *zone = zone_of(d);
  if (zone->wish != DANE_SILENT) s->report = report_for(d, TLSRPT_TLSA, zone->base);
  if (zone->wish == DANE_ENCRYPTED) s->report.result = TLSRPT_TLSA_INVALID;
  if (zone->wish == DANE_UNKNOWN) s->report.result = TLSRPT_DNSSEC_INVALID;
  if (zone->wish == DANE_UNKNOWN) return cannot_be_told(d, zone, why);
  if (zone->wish != DANE_PROVEN && d->policy.level == POLICY_DANE) return is_not_proven(d, why);
  if (zone->wish == DANE_SILENT) return set_by_policy(s, d, why);
  set_by_zone(s, d, zone);
  return true;
}

bool demands_are_published(struct session const *s)
{
  return s->report.policy != TLSRPT_NO_POLICY || s->policy_lost;
}

/* By its own name, not by that of the domain before. Who has one, or had, gets nothing by QMTP. */
static bool policy_is_met(struct demand const *d, struct connection const *c)
{
  struct sts_policy const *p = rule_of(d);
  if (c->speaks_qmtp) return !p && !sts_is_hidden() && !sts_is_lost();
  if (!p) return !sts_is_hidden();
  return p->mode != STS_ENFORCE || (sts_allows(p, d->server) && c->secrecy.proof == TLS_NAMED && !strcasecmp(c->proven, d->server));
}

bool demands_are_met(struct demand const *d, struct connection const *c)
{
  if (d->policy.level != POLICY_PUBLISHED) return true;
  struct dane const *zone = zone_of(d);
  switch (zone->wish) {
    case DANE_SILENT: return policy_is_met(d, c);
    case DANE_ENCRYPTED: return c->secrecy.encrypted;
    case DANE_PROVEN: return c->secrecy.proof == TLS_DANE && !strcasecmp(c->proven, zone->base);
    case DANE_UNKNOWN: break;
  }
  return false;
}
