#include "remote_judgement.h"
#include "remote_keep.h"
#include "remote_recipients.h"
#include "remote_report.h"
#include "remote_session.h"
#include "text.h"

static char const cannot_read[] = "Unable to read message. (#4.3.0)\n";

struct talk talk;

/* ---- what is reported ---- */

void judgement_describe(enum sentence s, enum quote quote)
{
  talk.text.len = 0;
  sentence_add(&talk.text, s, talk.session->connection->ip);
  if (quote == WITH_REPLY) sentence_add_reply(&talk.text, &talk.client.reply);
  if (quote == WITH_REASON) sentence_add_reason(&talk.text, talk.reason);
  if (sentence_is_of_secrecy(s) && talk.session->advice) text_add(&talk.text, talk.session->advice);
}

void judgement_reason(char const *reason)
{
  talk.reason = reason;
}

static char letter_of(unsigned code)
{
  return code < 400 ? 'K' : code < 500 ? 'Z' : 'D';
}

/* A server that answered was reached, whatever it said and however long ago. */
static enum report_contact contact(enum sentence s)
{
  return s == DIED || s == DIED_LATE ? REPORT_UNREACHED : REPORT_REACHED;
}

/* Some have it and keep it, so for the others what happened to the message since is what happened to them. Who was not
   asked, or one too many, has not been refused. */
static void share_out(void)
{
  recipients_all_stand(TAKEN, talk.ending == 'D' ? REFUSED : PUT_OFF, talk.text.s, talk.text.len);
  recipients_all_stand(UNASKED, PUT_OFF, talk.text.s, talk.text.len);
  recipients_all_stand(ONE_TOO_MANY, PUT_OFF, talk.text.s, talk.text.len);
  talk.ending = 'K';
}

/* A refusal in the midst of a message that others got ends as one of all does. */
static _Noreturn void conclude(void)
{
  static stralloc giving_up = STRALLOC_ZERO;
  if (talk.acceptance.len) share_out();
  stralloc const *said = talk.acceptance.len ? &talk.acceptance : &talk.text;
  giving_up.len = 0;
  sentence_add(&giving_up, GIVING_UP, talk.session->connection->ip);
  text_z(&giving_up);
  recipients_report(talk.ending, giving_up.s);
  report_message(talk.ending, said->s, said->len);
}

/* ---- judgement: whatever returns says whether the session goes on; if not, another server may be tried ---- */

bool judgement_give_up(enum sentence s, enum quote quote)
{
  judgement_describe(s, quote);
  report_contact(contact(s));
  talk.failure = s;
  return false;
}

bool judgement_try_another(enum sentence s, enum quote quote)
{
  smtp_client_quit(&talk.client);
  return judgement_give_up(s, quote);
}

static bool out_of_step(void);

/* What is final is said only when it is sure which answer belonged to what. That all is to be tried again needs no proof. */
static bool finish(char letter, enum sentence s, enum quote quote)
{
  judgement_describe(s, quote);
  report_contact(contact(s));
  talk.ending = letter;
  bool needs_proof = letter == 'D' || recipients_count(ANSWERED_NO);
  if (!needs_proof) smtp_client_quit(&talk.client);
  else if (!smtp_client_part(&talk.client)) return out_of_step();
  conclude();
}

/* Until the message itself was asked for nothing can have been accepted: a connection that another message has left is
   replaced by a new one, whatever went wrong with it. */
static bool may_try_another(void)
{
  if (talk.acceptance.len) return false;
  return talk.client.stage < SMTP_MAIL_ACCEPTED || (talk.resumed && talk.client.stage < SMTP_SENDING);
}

/* The replies are not those to what was said: perhaps one came twice. So nobody was refused. */
static bool out_of_step(void)
{
  if (talk.client.stage == SMTP_GREETING) return judgement_try_another(GREETING_FAILED, WITH_REPLY);
  if (may_try_another()) return judgement_try_another(SENSELESS, WITH_REPLY);
  recipients_become(ANSWERED_NO, TAKEN);
  recipients_become(PUT_OFF, TAKEN);
  return finish('Z', talk.client.stage == SMTP_DOT_SENT ? SENSELESS_LATE : SENSELESS, WITH_REPLY);
}

/* A server that ends the conversation in so many words has heard and answered all that came before. */
static bool died(void)
{
  if (may_try_another()) return judgement_try_another(DIED, BARE);
  recipients_become(ANSWERED_NO, talk.client.last_code == 421 ? REFUSED : PUT_OFF);
  return finish('Z', talk.client.stage == SMTP_DOT_SENT ? DIED_LATE : DIED, BARE);
}

static bool greeting_failed(void)
{
  return judgement_try_another(GREETING_FAILED, WITH_REPLY);
}

static bool name_rejected(void)
{
  return judgement_try_another(NAME_REJECTED, WITH_REPLY);
}

/* A server may be tired of a connection without saying so: whatever a left-over one answers to the sender, only a fresh
   one's no counts. */
static bool sender_rejected(void)
{
  bool doubtful = talk.client.reply.code == 421 || talk.resumed;
  if (doubtful && may_try_another()) return judgement_try_another(SENDER_REJECTED, WITH_REPLY);
  return finish(doubtful || talk.acceptance.len ? 'Z' : letter_of(talk.client.reply.code), SENDER_REJECTED, WITH_REPLY);
}

static bool reset_failed(void)
{
  return finish('Z', SENDER_REJECTED, WITH_REPLY);
}

static bool tls_refused(void)
{
  return judgement_try_another(TLS_REFUSED, WITH_REPLY);
}

bool judgement_put_off(enum sentence s, enum quote quote)
{
  return finish('Z', s, quote);
}

bool judgement_refuse(enum sentence s, enum quote quote)
{
  return finish('D', s, quote);
}

static bool login_refused(void)
{
  return judgement_put_off(LOGIN_REFUSED, WITH_REPLY);
}

static bool login_doubtful(void)
{
  return judgement_put_off(LOGIN_DOUBTFUL, BARE);
}

static bool nobody_taken(void)
{
  return recipients_count(UNASKED) || recipients_count(ONE_TOO_MANY) || finish('D', GIVING_UP, BARE);
}

static bool data_failed(void)
{
  return finish(letter_of(talk.client.reply.code), DATA_FAILED, WITH_REPLY);
}

/* Only where the server has answered all it was asked, and waits, the connection is left for another message. */
void judgement_end(void)
{
  struct session const *s = talk.session;
  bool left = smtp_client_is_idle(&talk.client)
           && keep_leave(s->connection, talk.resumed, s->host, talk.client.offered);
  if (!left) smtp_client_quit(&talk.client);
  conclude();
}

static bool message_failed(void)
{
  if (talk.client.reply.code >= 500) return finish('D', MESSAGE_FAILED, WITH_REPLY);
  judgement_describe(MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  talk.ending = 'Z';
  judgement_end();
}

static bool broke_off(void)
{
  judgement_describe(MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  talk.ending = letter_of(talk.client.reply.code);
  conclude();
}

/* Nothing that was heard can be believed, and another server would be reached over the same wire. */
static bool injected(void)
{
  judgement_describe(TLS_INJECTED, BARE);
  report_contact(REPORT_REACHED);
  talk.ending = 'Z';
  conclude();
}

/* Half a message must not look like a whole one: nothing more is said. */
static bool unreadable(void)
{
  talk.text.len = 0;
  text_add(&talk.text, cannot_read);
  talk.ending = 'Z';
  conclude();
}

static bool goes_on(void)
{
  return true;
}

static bool (*const judgements[SMTP_OUTCOMES])(void) = {
  [SMTP_OK] = goes_on,
  [SMTP_GREETING_FAILED] = greeting_failed,
  [SMTP_NAME_REJECTED] = name_rejected,
  [SMTP_SENDER_REJECTED] = sender_rejected,
  [SMTP_DATA_FAILED] = data_failed,
  [SMTP_MESSAGE_FAILED] = message_failed,
  [SMTP_RESET_FAILED] = reset_failed,
  [SMTP_TLS_REFUSED] = tls_refused,
  [SMTP_LOGIN_REFUSED] = login_refused,
  [SMTP_LOGIN_DOUBTFUL] = login_doubtful,
  [SMTP_BROKE_OFF] = broke_off,
  [SMTP_NOBODY_TAKEN] = nobody_taken,
  [SMTP_DIED] = died,
  [SMTP_SENSELESS] = out_of_step,
  [SMTP_INJECTED] = injected,
  [SMTP_UNREADABLE] = unreadable
};

bool judgement_goes_on(enum smtp_outcome outcome)
{
  if (talk.client.proven) recipients_become(ANSWERED_NO, REFUSED);
  return judgements[outcome]();
}
