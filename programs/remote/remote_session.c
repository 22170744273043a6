#include <string.h>

#include "envelope_extra.h"
#include "remote_judgement.h"
#include "remote_recipients.h"
#include "remote_report.h"
#include "remote_sentence.h"
#include "remote_session.h"
#include "remote_source.h"
#include "remote_tls.h"
#include "smtp_client.h"
#include "text.h"
#include "utf8.h"

char const UNSAYABLE_RECIPIENT[] =
  "I will not send this address: it has bytes that end an SMTP command. (#5.1.3)\n";

/* ---- what its sender wishes to be told, for a server that knows of that (RFC 3461 5.2.1): as it came ---- */

static struct { char letter; char const *parameter; } const parameters[] = {
  { EXTRA_RET, " RET=" }, { EXTRA_ENVID, " ENVID=" }, { EXTRA_NOTIFY, " NOTIFY=" }, { EXTRA_ORCPT, " ORCPT=" }
};
enum { PARAMETERS = sizeof parameters / sizeof *parameters };

/* The line of that number as parameters; good until the next one of the same kind. */
static char const *wishes(stralloc *to, size_t number)
{
  struct field line = extras_line(talk.session->extras, number), value;
  to->len = 0;
  for (size_t i = 0; i < PARAMETERS; i++) {
    if (!extra_find(&value, line.s, line.len, parameters[i].letter)) continue;
    text_add(to, parameters[i].parameter);
    text_addb(to, value.s, value.len);
  }
  return text_z(to);
}

static char const *sender_wishes(void)
{
  static stralloc text = STRALLOC_ZERO;
  return *talk.session->extras ? wishes(&text, 0) : 0;
}

static char const *recipient_wishes(size_t i)
{
  static stralloc text = STRALLOC_ZERO;
  return wishes(&text, 1 + recipient_chosen(i));
}

/* ---- recipients, as the client asks for them and hears of them ---- */

static bool is_wide(char const *address)
{
  return !utf8_is_ascii(address, strlen(address));
}

static char const *recipient(size_t i)
{
  char const *address = talk.session->recipients[recipient_chosen(i)];
  bool lost = address && talk.session->addresses_are_wide && !talk.utf8 && is_wide(address);
  return lost ? 0 : address;
}

/* RFC 6531 3.2: another mail exchanger may know. */
static bool another_may_know(void)
{
  return talk.session->others || !talk.session->lacked_before;
}

/* One that is not asked about. Beside others, who are delivered to, he waits, and when he is alone all servers are tried. */
static void recipient_is_refused(size_t number)
{
  bool wide = talk.session->recipients[number], waits = another_may_know();
  judgement_describe(waits ? UTF8_NOT_HERE : UTF8_RECIPIENT_NOT_TAKEN, BARE);
  if (wide) recipient_stands(number, waits ? PUT_OFF : REFUSED, talk.text.s, talk.text.len);
  else recipient_stands(number, REFUSED, UNSAYABLE_RECIPIENT, strlen(UNSAYABLE_RECIPIENT));
}

/* A message that cannot be read again has one transaction. */
static bool is_one_too_many(struct smtp_reply const *reply)
{
  return talk.session->message->seekable && recipients_count(TAKEN) && smtp_reply_says_too_many(reply);
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
    recipient_is_refused(number);
    return;
  }
  enum standing standing = standing_after(reply);
  judgement_describe(RECIPIENT_DISLIKED, WITH_REPLY);
  recipient_was_answered(number, standing, talk.text.s, standing == TAKEN ? 0 : talk.text.len);
  talk.too_many = talk.too_many || standing == ONE_TOO_MANY;
}

/* ---- transactions ---- */

/* Those who were one too many before and are taken now prove that the number is one of the server's. */
static void learn_most(void)
{
  if (talk.acceptance.len) report_most(talk.most);
  if (talk.too_many) talk.most = recipients_count(TAKEN);
}

static void accepted(void)
{
  report_contact(REPORT_REACHED);
  if (*talk.session->extras && (talk.client.offered & SMTP_OFFERS_DSN)) report_passed_on();
  judgement_describe(ACCEPTED, WITH_REPLY);
  text_add(&talk.text, talk.session->connection->told);
  talk.ending = 'K';
  learn_most();
  if (!talk.acceptance.len) text_addb(&talk.acceptance, talk.text.s, talk.text.len);
  recipients_become(TAKEN, DELIVERED);
}

static bool send_message(void)
{
  struct smtp_source const *source = source_of(talk.session->message, talk.form);
  if (!judgement_goes_on(smtp_client_message(&talk.client, source))) return false;
  if (!judgement_goes_on(smtp_client_verdict(&talk.client))) return false;
  accepted();
  return true;
}

static bool transact(size_t asked)
{
  struct message const *m = talk.session->message;
  struct smtp_envelope const envelope = {
    .sender = talk.session->sender, .size = source_size(m, talk.form),
    .eight_bit = m->eight_bit && talk.form != SOURCE_SEVEN, .utf8 = talk.utf8,
    .wishes = sender_wishes(), .count = asked, .recipient = recipient,
    .recipient_wishes = *talk.session->extras ? recipient_wishes : 0, .heard = recipient_heard
  };
  talk.too_many = false;
  if (!judgement_goes_on(smtp_client_envelope(&talk.client, &envelope))) return false;
  return !recipients_count(TAKEN) || send_message();
}

static bool needs_seven_bits(void)
{
  struct message const *m = talk.session->message;
  return m->seekable && m->eight_bit && talk.session->eight_bit != EIGHT_BIT_SENT && !(talk.client.offered & SMTP_OFFERS_8BITMIME);
}

/* Nobody would hear that it was returned: it goes as it is, which most servers take, whatever they say. */
static bool is_report(void)
{
  return !*talk.session->sender;
}

/* The server takes the message in a form that it can have. */
static bool suits(void)
{
  char const *problem = "control/eightbit says so";
  talk.form = talk.session->folds ? SOURCE_FOLDED : SOURCE_PLAIN;
  if (!needs_seven_bits()) return true;
  if (talk.session->eight_bit == EIGHT_BIT_CONVERTED && !source_learn_seven(talk.session->message, &problem))
    return judgement_goes_on(SMTP_UNREADABLE);
  if (!problem) talk.form = SOURCE_SEVEN;
  if (!problem || is_report()) return true;
  judgement_reason(problem);
  return talk.client.knows_not_now ? judgement_put_off(EIGHT_BIT_NOT_NOW, WITH_REASON) : judgement_refuse(EIGHT_BIT_NOT_TAKEN, WITH_REASON);
}

/* ---- characters beyond ASCII in addresses and headers (RFC 6531): only for who knows of them ---- */

static bool is_flagged(void)
{
  struct field value, line = extras_line(talk.session->extras, 0);
  return extra_find(&value, line.s, line.len, EXTRA_SMTPUTF8);
}

/* In a message that says nothing of them, they are what they ever were: a matter of those who read it. What comes by a
   pipe is sent to everybody. */
static bool learn_header(bool *wide)
{
  struct message const *m = talk.session->message;
  *wide = m->eight_bit && is_flagged() && (m->seekable || talk.client.offered & SMTP_OFFERS_SMTPUTF8);
  return !*wide || !m->seekable || source_learn_header(m, wide);
}

static bool refuse_utf8(enum sentence s)
{
  if (talk.client.knows_not_now) return judgement_put_off(UTF8_NOT_NOW, BARE);
  return talk.resumed || another_may_know() ? judgement_try_another(UTF8_NOT_HERE, BARE) : judgement_refuse(s, BARE);
}

/* It is recipients alone that this server cannot be told. On a connection that another message has left nobody knows what others there
   are. */
static bool goes_on_without_some(void)
{
  if (talk.resumed || (talk.session->recipients_are_wide && another_may_know())) return judgement_try_another(UTF8_NOT_HERE, BARE);
  return true;
}

static bool knows_utf8(void)
{
  struct session const *s = talk.session;
  bool header_is_wide;
  talk.utf8 = false;
  if (!s->addresses_are_wide && !*s->extras) return true;
  if (!learn_header(&header_is_wide)) return judgement_goes_on(SMTP_UNREADABLE);
  bool needed = s->addresses_are_wide || header_is_wide;
  talk.utf8 = needed && talk.client.offered & SMTP_OFFERS_SMTPUTF8;
  if (!needed || talk.utf8) return true;
  if (header_is_wide) return refuse_utf8(UTF8_HEADER_NOT_TAKEN);
  if (s->sender_is_wide || talk.client.knows_not_now) return refuse_utf8(UTF8_SENDER_NOT_TAKEN);
  return goes_on_without_some();
}

/* One transaction, and others while there are recipients that the server has not been asked about, or has called one too
   many. */
static void transact_all(void)
{
  size_t asked = recipients_choose(talk.most);
  while (transact(asked)) {
    asked = recipients_choose(talk.most);
    if (!asked) judgement_end();
    if (!judgement_goes_on(smtp_client_reset(&talk.client))) return;
  }
}

/* ---- the whole of it ---- */

static void begin(struct session const *s, bool kept)
{
  talk.session = s;
  talk.resumed = kept;
  recipients_begin(s->count);
  talk.in_plain = false;
  talk.acceptance.len = 0;
  talk.most = s->count;
}

/* What follows the beginning. Comes back for another server. */
static struct session_failure after(bool goes_on)
{
  if (goes_on && knows_utf8() && suits()) transact_all();
  return (struct session_failure){
    .why = sentence_in_short(talk.failure), .text = &talk.text, .in_plain = talk.in_plain, .lacks_utf8 = talk.failure == UTF8_NOT_HERE
  };
}

struct session_failure session_run(struct session const *s)
{
  begin(s, false);
  smtp_client_begin(&talk.client, s->connection->in, s->connection->out, &s->times);
  return after((!s->tls_first || tls_begins()) && judgement_goes_on(smtp_client_greet(&talk.client, s->helohost))
               && tls_goes_on() && login_goes_on());
}

struct session_failure session_resume(struct session const *s, struct kept const *kept)
{
  struct connection const *c = s->connection;
  begin(s, true);
  enum smtp_outcome o =
    smtp_client_resume(&talk.client, c->in, c->out, &s->times, kept->offered, &kept->reset, kept->reset_heard);
  return after(o == SMTP_RESET_FAILED ? judgement_try_another(SENDER_REJECTED, WITH_REPLY) : judgement_goes_on(o));
}
