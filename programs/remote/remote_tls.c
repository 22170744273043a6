#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "monotonic.h"
#include "parts.h"
#include "remote_judgement.h"
#include "remote_outcome.h"
#include "remote_proven.h"
#include "remote_tls.h"
#include "tcpto.h"
#include "tls_ask.h"

bool tls_is_here(void)
{
  return access(TLS_SOCKET, F_OK) == 0;
}

/* ---- what is told ---- */

/* Foreign bytes end up in a report. */
static char const *printable(struct field f)
{
  static char text[128];
  size_t len = f.len < sizeof text - 1 ? f.len : sizeof text - 1;
  for (size_t i = 0; i < len; i++) text[i] = f.s[i] < 32 || f.s[i] > 126 ? '?' : f.s[i];
  text[len] = 0;
  return text;
}

static void tell(char const *what, char const *detail, char const *end)
{
  struct connection *c = talk.session->connection;
  snprintf(c->told + strlen(c->told), sizeof c->told - strlen(c->told), "%s%s%s", what, detail, end);
}

static void tell_of(struct tls_answer const *a)
{
  tell("TLS: ", printable(a->protocol), " ");
  tell("", printable(a->cipher), ", ");
  if (a->proof == TLS_DANE) tell("verified ", talk.session->server, " by DANE\n");
  else if (a->proof == TLS_NAMED) tell("verified ", printable(a->certificate), "\n");
  else tell("not verified (", printable(a->why), ")\n");
}

/* ---- plain text ---- */

static void tell_of_lost_policy(void)
{
  if (talk.session->policy_lost) tell("TLS: the policy (MTA-STS) of this domain is too old, and qmail-stsd has no other", "", "\n");
}

/* In words; empty for a server that was never proven. */
static char const *once_proven(void)
{
  static char text[64];
  uint64_t seconds;
  if (!proven_before(talk.session->server, &seconds)) return "";
  snprintf(text, sizeof text, ", although it was verified %u hours ago", (unsigned)(seconds / 3600));
  return text;
}

static bool stays_plain(char const *why)
{
  tell("TLS: none (", why, "");
  tell(once_proven(), "", ")\n");
  return true;
}

static bool needs_secrecy(void)
{
  return talk.session->asked.encrypted;
}

static bool failed_lately(void)
{
  struct tcpto_table table;
  tcpto_load(&table, TCPTO_TLS_FILE);
  return tcpto_is_recent(&table, &talk.session->connection->address, (uint64_t)time(0), TCPTO_TLS_SECONDS);
}

static void report(enum tlsrpt_result result)
{
  struct tlsrpt_session const *s = &talk.session->report;
  outcome_tell(s, s->result == TLSRPT_SUCCESS ? result : s->result);
}

static bool is_not_offered(void)
{
  report(TLSRPT_STARTTLS_NOT_SUPPORTED);
  tell_of_lost_policy();
  if (needs_secrecy()) return judgement_try_another(talk.session->advice ? TLS_LACKING : TLS_NOT_OFFERED, BARE);
  return !*once_proven() || stays_plain("it is not offered");
}

/* Trouble of this machine before the server was asked for anything. */
static bool is_not_to_be_had(struct tls_asked const *t)
{
  char const *why = printable(t->answer.why);
  if (!needs_secrecy()) return stays_plain(why);
  judgement_reason(why);
  return judgement_try_another(talk.session->advice ? TLS_LACKING_HERE : TLS_NOT_HERE, WITH_REASON);
}

/* The connection is of no more use. A server that cannot do what it offers has its mail all the same where nobody asked for
   more, and is not asked again for a while. */
static bool has_failed(struct tls_answer const *a)
{
  connection_close(talk.session->connection);
  judgement_reason(printable(a->why));
  if (a->said != TLS_TROUBLE) report(a->said == TLS_UNPROVEN ? outcome_of_flaw(a->flaw) : TLSRPT_VALIDATION_FAILURE);
  if (a->said != TLS_TROUBLE && !needs_secrecy()) tcpto_timed_out(TCPTO_TLS_FILE, &talk.session->connection->address);
  talk.in_plain = !needs_secrecy();
  return judgement_give_up(a->said == TLS_UNPROVEN ? TLS_UNTRUSTED : TLS_BROKEN, WITH_REASON);
}

static bool has_gone(void)
{
  return has_failed(&(struct tls_answer){ .said = TLS_FAILED, .why = field_of("the connection died") });
}

static bool was_not_begun(enum smtp_outcome o)
{
  if (o == SMTP_DIED) return has_gone();
  if (o == SMTP_TLS_REFUSED) report(TLSRPT_STARTTLS_NOT_SUPPORTED);
  if (o != SMTP_TLS_REFUSED || needs_secrecy()) return judgement_goes_on(o);
  return stays_plain("it refused");
}

/* ---- TLS ---- */

/* A handshake is one of the answers before the message. */
static uint32_t handshake_ms(void)
{
  time_t left = talk.client.net.session_end - monotonic_seconds(), answer = (time_t)talk.session->times.answer;
  return 1000 * (uint32_t)(left < 1 ? 1 : left < answer ? left : answer);
}

/* The name is what DNS, or a route, calls the server. */
static struct tls_question question(void)
{
  struct session const *s = talk.session;
  size_t len = strlen(s->server);
  if (len > TLS_NAME_MAX) len = 0;
  return (struct tls_question){
    .side = TLS_CLIENT, .proof = s->asked.proof, .service = TLS_SMTP, .ms = handshake_ms(), .name = { s->server, len },
    .names = s->names.len ? s->names : (struct field){ s->server, len ? len + 1 : 0 }, .tlsa = s->tlsa
  };
}

/* Whoever has been proven by his own certificate, or by one for the name his records are of, is so for the mail of all domains. */
static void keep_proof(struct connection *c, struct tls_answer const *a)
{
  char const *server = talk.session->server;
  bool for_all = !a->certificate.len || (a->certificate.len == strlen(server) && !strncasecmp(a->certificate.s, server, a->certificate.len));
  if (a->proof == TLS_NAMED) for_all = !talk.session->names.len;
  if (a->proof != TLS_ANYBODY && for_all && strlen(server) < sizeof c->proven) strcpy(c->proven, server);
}

static void go_within(struct tls_asked const *t)
{
  struct connection *c = talk.session->connection;
  connection_close(c);
  c->in = t->in;
  c->out = t->out;
  c->secrecy = (struct secrecy){ .encrypted = true, .proof = t->answer.proof };
  keep_proof(c, &t->answer);
  if (t->answer.proof != TLS_ANYBODY) proven_note(talk.session->server);
  report(t->answer.proof == TLS_ANYBODY ? outcome_of_flaw(t->answer.flaw) : TLSRPT_SUCCESS);
  if (t->answer.proof == TLS_ANYBODY) tell_of_lost_policy();
  tell_of(&t->answer);
}

static bool goes_on_within(struct tls_asked const *t)
{
  struct connection const *c = talk.session->connection;
  go_within(t);
  enum smtp_outcome o = smtp_client_greet_again(&talk.client, c->in, c->out, talk.session->helohost);
  return o == SMTP_DIED ? has_gone() : judgement_goes_on(o);
}

static struct tls_asked t;

bool tls_begins(void)
{
  struct session const *s = talk.session;
  struct tls_question const q = question();
  if (tls_ask_open(&t, &q, s->connection->in) != TLS_READY) return is_not_to_be_had(&t);
  if (tls_ask_start(&t) != TLS_DONE) return has_failed(&t.answer);
  go_within(&t);
  smtp_client_begin(&talk.client, s->connection->in, s->connection->out, &s->times);
  return true;
}

static bool starts(void)
{
  struct tls_question const q = question();
  if (tls_ask_open(&t, &q, talk.session->connection->in) != TLS_READY) return is_not_to_be_had(&t);
  enum smtp_outcome o = smtp_client_starttls(&talk.client);
  if (o != SMTP_OK) {
    tls_ask_drop(&t);
    return was_not_begun(o);
  }
  return tls_ask_start(&t) == TLS_DONE ? goes_on_within(&t) : has_failed(&t.answer);
}

bool tls_goes_on(void)
{
  if (!talk.session->tls || talk.session->connection->secrecy.encrypted) return true;
  if (!(talk.client.offered & SMTP_OFFERS_STARTTLS)) return is_not_offered();
  if (!needs_secrecy() && (talk.session->tls_failed || failed_lately())) return stays_plain("it failed with this server lately");
  return starts();
}
