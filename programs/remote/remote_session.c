#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "remote_keep.h"
#include "remote_recipients.h"
#include "remote_report.h"
#include "remote_sentence.h"
#include "remote_session.h"
#include "remote_source.h"
#include "smtp_client.h"

static char const unsayable_recipient[] =
  "I will not send this address: it has bytes that end an SMTP command. (#5.1.3)\n";
static char const cannot_read[] = "Unable to read message. (#4.3.0)\n";

/* ---- the conversation so far ---- */

static struct session const *session;
static struct smtp_client client;
static bool resumed;            /* the connection is left over from another message */
static bool open_still;         /* the connection, and it is ours */
static char ending;             /* the letter of the message, with the text */
static stralloc text = STRALLOC_ZERO;
static enum sentence failure;   /* of a server that another one may be tried for, with the text */
static stralloc acceptance = STRALLOC_ZERO;     /* the text of the first; empty: nobody was delivered to */
static size_t most;             /* recipients that a transaction may have */
static bool too_many;           /* so the server said in this one */

/* ---- what is reported ---- */

enum quote { BARE, WITH_REPLY };

static void describe(enum sentence s, enum quote quote)
{
  text.len = 0;
  sentence_add(&text, s, session->ip);
  if (quote == WITH_REPLY) sentence_add_reply(&text, &client.reply);
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
  recipients_all_stand(TAKEN, ending == 'D' ? REFUSED : PUT_OFF, text.s, text.len);
  recipients_all_stand(UNASKED, PUT_OFF, text.s, text.len);
  recipients_all_stand(ONE_TOO_MANY, PUT_OFF, text.s, text.len);
  ending = 'K';
}

/* A refusal in the midst of a message that others got ends as one of all does. */
static _Noreturn void conclude(void)
{
  static stralloc giving_up = STRALLOC_ZERO;
  if (acceptance.len) share_out();
  stralloc const *said = acceptance.len ? &acceptance : &text;
  giving_up.len = 0;
  sentence_add(&giving_up, GIVING_UP, session->ip);
  addz(&giving_up);
  recipients_report(ending, giving_up.s);
  report_message(ending, said->s, said->len);
}

void session_close(void)
{
  if (open_still) close(client.net.in);
  open_still = false;
}

/* ---- judgement: whatever returns says whether the session goes on; if not, another server may be tried ---- */

static bool try_another(enum sentence s, enum quote quote)
{
  describe(s, quote);
  smtp_client_quit(&client);
  session_close();
  report_contact(contact(s));
  failure = s;
  return false;
}

static bool out_of_step(void);

/* What is final is said only when it is sure which answer belonged to what. That all is to be tried again needs no proof. */
static bool finish(char letter, enum sentence s, enum quote quote)
{
  describe(s, quote);
  report_contact(contact(s));
  ending = letter;
  bool needs_proof = letter == 'D' || recipients_count(ANSWERED_NO);
  if (!needs_proof) smtp_client_quit(&client);
  else if (!smtp_client_part(&client)) return out_of_step();
  conclude();
}

/* Until the message itself was asked for nothing can have been accepted: a connection that another message has left is
   replaced by a new one, whatever went wrong with it. */
static bool may_try_another(void)
{
  if (acceptance.len) return false;
  return client.stage < SMTP_MAIL_ACCEPTED || (resumed && client.stage < SMTP_SENDING);
}

/* The replies are not those to what was said: perhaps one came twice. So nobody was refused. */
static bool out_of_step(void)
{
  if (client.stage == SMTP_GREETING) return try_another(GREETING_FAILED, WITH_REPLY);
  if (may_try_another()) return try_another(SENSELESS, WITH_REPLY);
  recipients_become(ANSWERED_NO, TAKEN);
  recipients_become(PUT_OFF, TAKEN);
  return finish('Z', client.stage == SMTP_DOT_SENT ? SENSELESS_LATE : SENSELESS, WITH_REPLY);
}

/* A server that ends the conversation in so many words has heard and answered all that came before. */
static bool died(void)
{
  if (may_try_another()) return try_another(DIED, BARE);
  recipients_become(ANSWERED_NO, client.last_code == 421 ? REFUSED : PUT_OFF);
  return finish('Z', client.stage == SMTP_DOT_SENT ? DIED_LATE : DIED, BARE);
}

static bool greeting_failed(void)
{
  return try_another(GREETING_FAILED, WITH_REPLY);
}

static bool name_rejected(void)
{
  return try_another(NAME_REJECTED, WITH_REPLY);
}

/* A server may be tired of a connection without saying so: whatever a left-over one answers to the sender, only a fresh
   one's no counts. */
static bool sender_rejected(void)
{
  bool doubtful = client.reply.code == 421 || resumed;
  if (doubtful && may_try_another()) return try_another(SENDER_REJECTED, WITH_REPLY);
  return finish(doubtful || acceptance.len ? 'Z' : letter_of(client.reply.code), SENDER_REJECTED, WITH_REPLY);
}

static bool reset_failed(void)
{
  return finish('Z', SENDER_REJECTED, WITH_REPLY);
}

static bool nobody_taken(void)
{
  return recipients_count(UNASKED) || recipients_count(ONE_TOO_MANY) || finish('D', GIVING_UP, BARE);
}

static bool data_failed(void)
{
  return finish(letter_of(client.reply.code), DATA_FAILED, WITH_REPLY);
}

/* Only to a server that has answered all it was asked and waits the connection is left for another message. */
static void leave_or_quit(void)
{
  struct kept kept = { .offered = client.offered, .port = session->port };
  strncat(kept.ip, session->ip, sizeof kept.ip - 1);
  if (strlen(session->host) < sizeof kept.host) strcpy(kept.host, session->host);
  if (smtp_client_is_idle(&client) && keep_leave(client.net.in, resumed, &kept)) open_still = false;
  else smtp_client_quit(&client);
}

static bool message_failed(void)
{
  if (client.reply.code >= 500) return finish('D', MESSAGE_FAILED, WITH_REPLY);
  describe(MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  ending = 'Z';
  leave_or_quit();
  conclude();
}

static bool broke_off(void)
{
  describe(MESSAGE_FAILED, WITH_REPLY);
  report_contact(REPORT_REACHED);
  ending = letter_of(client.reply.code);
  conclude();
}

/* Half a message must not look like a whole one: nothing more is said. */
static bool unreadable(void)
{
  text.len = 0;
  add(&text, cannot_read);
  session_close();
  ending = 'Z';
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
  [SMTP_BROKE_OFF] = broke_off,
  [SMTP_NOBODY_TAKEN] = nobody_taken,
  [SMTP_DIED] = died,
  [SMTP_SENSELESS] = out_of_step,
  [SMTP_UNREADABLE] = unreadable
};

static bool judge(enum smtp_outcome outcome)
{
  if (client.proven) recipients_become(ANSWERED_NO, REFUSED);
  return judgements[outcome]();
}

/* ---- recipients, as the client asks for them and hears of them ---- */

static char const *recipient(size_t i)
{
  return session->recipients[recipient_chosen(i)];
}

/* A message that cannot be read again has one transaction. */
static bool is_one_too_many(struct smtp_reply const *reply)
{
  return session->message->seekable && recipients_count(TAKEN) && smtp_reply_says_too_many(reply);
}

static enum standing standing_after(struct smtp_reply const *reply)
{
  if (reply->code < 400) return TAKEN;
  if (is_one_too_many(reply)) return ONE_TOO_MANY;
  return reply->code >= 500 ? ANSWERED_NO : PUT_OFF;
}

static void recipient_heard(size_t i, struct smtp_reply const *reply)
{
  size_t number = recipient_chosen(i);
  if (!reply) {
    recipient_stands(number, REFUSED, unsayable_recipient, sizeof unsayable_recipient - 1);
    return;
  }
  enum standing standing = standing_after(reply);
  describe(RECIPIENT_DISLIKED, WITH_REPLY);
  recipient_was_answered(number, standing, text.s, standing == TAKEN ? 0 : text.len);
  too_many = too_many || standing == ONE_TOO_MANY;
}

/* ---- transactions ---- */

/* Those who were one too many before and are taken now prove that the number is one of the server's. */
static void learn_most(void)
{
  if (acceptance.len) report_most(most);
  if (too_many) most = recipients_count(TAKEN);
}

static void accepted(void)
{
  report_contact(REPORT_REACHED);
  describe(ACCEPTED, WITH_REPLY);
  ending = 'K';
  learn_most();
  if (!acceptance.len) addb(&acceptance, text.s, text.len);
  recipients_become(TAKEN, DELIVERED);
}

static bool send_message(void)
{
  struct smtp_source const *source = source_of(session->message, session->folds);
  if (!judge(smtp_client_message(&client, source)) || !judge(smtp_client_verdict(&client))) return false;
  accepted();
  return true;
}

static bool transact(size_t asked)
{
  struct message const *m = session->message;
  struct smtp_envelope const envelope = {
    .sender = session->sender, .size = source_size(m, session->folds), .eight_bit = m->eight_bit, .count = asked,
    .recipient = recipient, .heard = recipient_heard
  };
  too_many = false;
  if (!judge(smtp_client_envelope(&client, &envelope))) return false;
  return !recipients_count(TAKEN) || send_message();
}

/* One transaction, and others while there are recipients that the server has not been asked about, or has called one too
   many. */
static bool transact_all(void)
{
  size_t asked = recipients_choose(most);
  while (transact(asked)) {
    asked = recipients_choose(most);
    if (!asked) {
      leave_or_quit();
      conclude();
    }
    if (!judge(smtp_client_reset(&client))) return false;
  }
  return false;
}

/* ---- the whole of it ---- */

static void begin(struct session const *s, bool kept)
{
  session = s;
  resumed = kept;
  open_still = true;
  recipients_begin(s->count);
  acceptance.len = 0;
  most = s->count;
}

static struct session_failure another(bool goes_on)
{
  if (goes_on) transact_all();
  return (struct session_failure){ sentence_in_short(failure), &text };
}

struct session_failure session_run(struct session const *s, int fd)
{
  begin(s, false);
  smtp_client_begin(&client, fd, fd, &s->times);
  return another(judge(smtp_client_greet(&client, s->helohost)));
}

struct session_failure session_resume(struct session const *s, int fd, struct kept const *kept)
{
  begin(s, true);
  enum smtp_outcome o =
    smtp_client_resume(&client, fd, fd, &s->times, kept->offered, &kept->reset, kept->reset_heard);
  return another(o == SMTP_RESET_FAILED ? try_another(SENDER_REJECTED, WITH_REPLY) : judge(o));
}
