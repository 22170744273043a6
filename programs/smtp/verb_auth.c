#include <string.h>
#include <time.h>

#include <skalibs/types.h>

#include "auth.h"
#include "auth_ask.h"
#include "grant.h"
#include "monotonic.h"
#include "policy.h"
#include "reply.h"
#include "sasl_stamp.h"
#include "session.h"
#include "text.h"
#include "verb.h"
#include "verbs.h"

enum {
  FAILURES_MAX = 3,             /* wrong passwords in one session */
  PATIENCE_MS = 55000           /* for the service, which may wait for a checker of the site */
};

static bool can_be_bound(void)
{
  return session.tls.on && (session.tls.facts.exporter.len || session.tls.facts.endpoint.len);
}

/* Where the service is installed but down, who tries is told to come again. */
unsigned auth_mechanisms(void)
{
  if (policy.auth.off || !(session.tls.on || policy.auth.clear) || !auth_ask_is_possible()) return 0;
  return SASL_PLAIN | SASL_LOGIN | (policy.auth.cram_md5 ? SASL_CRAM_MD5 : 0)
    | (policy.auth.scram ? SASL_SCRAM | (can_be_bound() ? SASL_SCRAM_PLUS : 0) : 0);
}

/* ---- the answer ---- */

/* The time since the question belongs to it: it does not tell whether there is such a user. */
static void answer_late(int64_t asked, unsigned seconds)
{
  int64_t left = asked + 1000 * (int64_t)seconds - monotonic_ms();
  if (left <= 0) return;
  nanosleep(&(struct timespec){ .tv_nsec = (long)(left % 1000) * 1000000 }, 0);
  net_pause(&session.net, (unsigned)(left / 1000));
}

static void welcome(struct field login)
{
  text_setb(&session.login.name, login.s, login.len);
  text_z(&session.login.name);
  grant_forget();
  reply_line(REPLY_WELCOME);
}

static void refuse_late(int64_t asked, unsigned seconds)
{
  session.login.failures++;
  answer_late(asked, seconds);
  reply_refuse(&REPLY_WRONG_PASSWORD);
}

static struct auth_heard heard;

static enum auth_said ask_service(enum auth_verb verb, struct credentials const *c)
{
  struct auth_question const q = {
    verb, USERS_SMTP, { c->login, c->login_len }, { c->password, c->password_len }, { c->stamp, c->stamp_len },
    field_of(session.client.ip), field_of(session.client.local_ip)
  };
  return auth_ask(&heard, &q, PATIENCE_MS);
}

/* ---- the exchange ---- */

static struct refusal const *const refusals[] = {
  [SASL_GARBLED] = &REPLY_GARBLED, [SASL_CANCELLED] = &REPLY_CANCELLED, [SASL_UNFIT] = &REPLY_UNFIT,
  [SASL_REFUSED] = &REPLY_WRONG_PASSWORD, [SASL_WANTS_SALT] = &REPLY_CANNOT_PROVE
};

/* False when the line was too long. */
static bool ask(struct sasl const *s, char line[SASL_LINE_MAX], size_t *len)
{
  bool bare_lf;
  net_puts(&session.net, "334 ");
  reply_line(s->challenge);
  return net_line(&session.net, line, SASL_LINE_MAX, len, &bare_lf) == NET_LINE;
}

static char line[SASL_LINE_MAX];

/* Who proves himself by SCRAM wants us to do the same, and may not like what he sees. */
static void let_in(struct sasl *s)
{
  size_t len = 0;
  if (sasl_sign(s, heard.answer.text) && !ask(s, line, &len)) reply_refuse(&REPLY_RESPONSE_TOO_LONG);
  else if (len) reply_refuse(&REPLY_CANCELLED);
  else welcome(heard.answer.login);
}

static void decide(struct sasl *s)
{
  int64_t asked = monotonic_ms();
  switch (ask_service(AUTH_PASSWORD, &s->credentials)) {
    case AUTH_LET_IN: let_in(s); break;
    case AUTH_WRONG: case AUTH_DENIED: refuse_late(asked, heard.answer.seconds); break;
    case AUTH_MUST_WAIT: reply_send_away(&REPLY_MUST_WAIT, "penalty");
    default:
      answer_late(asked, heard.answer.seconds);
      reply_refuse(&REPLY_CANNOT_PROVE);
  }
}

static enum sasl_said salt(struct sasl *s)
{
  switch (ask_service(AUTH_SALT, &s->credentials)) {
    case AUTH_LET_IN: return sasl_salt(s, heard.answer.text, heard.answer.seconds);
    case AUTH_MUST_WAIT: reply_send_away(&REPLY_MUST_WAIT, "penalty");
    default: return SASL_WANTS_SALT;
  }
}

static void exchange(struct sasl_mechanism const *mechanism, char const *stamp, char *initial, size_t len)
{
  static struct sasl s;
  struct sasl_side side = { .stamp = stamp };
  if (can_be_bound()) side = (struct sasl_side){ stamp, session.tls.facts.exporter, session.tls.facts.endpoint };
  enum sasl_said said = sasl_begin(&s, mechanism, &side, initial, len);
  bool fits = true;
  for (;;) {
    if (said == SASL_WANTS_SALT) said = salt(&s);
    if (!fits || said != SASL_CHALLENGE) break;
    if ((fits = ask(&s, line, &len))) said = sasl_answer(&s, line, len);
  }
  if (!fits) reply_refuse(&REPLY_RESPONSE_TOO_LONG);
  else if (said == SASL_COMPLETE) decide(&s);
  else reply_refuse(refusals[said]);
  sasl_end(&s);
  explicit_bzero(line, sizeof line);
}

static char const *new_stamp(void)
{
  static char stamp[SASL_STAMP_MAX + 1];
  sasl_stamp(stamp, session.client.local);
  return stamp;
}

static struct refusal const *refusal_of_auth(void)
{
  if (!session.hello.extended || session.login.name.len) return &REPLY_AUTH_NOT_NOW;
  if (policy.auth.off) return &REPLY_UNIMPLEMENTED;
  return session.tls.on || policy.auth.clear ? 0 : &REPLY_ONLY_IN_TLS;
}

void verb_auth(char *arg, size_t len)
{
  struct verb_words w = verb_split(arg, len);
  struct refusal const *no = refusal_of_auth();
  struct sasl_mechanism const *mechanism = sasl_find(arg, w.verb_len, auth_mechanisms());
  if (!no && !mechanism) no = auth_mechanisms() ? &REPLY_NO_MECHANISM : &REPLY_UNIMPLEMENTED;
  if (!no && session.login.failures >= FAILURES_MAX) reply_send_away(&REPLY_TOO_MANY_PASSWORDS, "passwords");
  if (no) reply_refuse(no);
  else exchange(mechanism, new_stamp(), arg + w.argument, len - w.argument);
  explicit_bzero(arg, len);
  explicit_bzero(session.net.input, session.net.begin);
}
