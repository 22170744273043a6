#include <string.h>

#include <skalibs/types.h>

#include "smtp_client_internal.h"

/* ---- commands: number 0 the sender, 1 to count the recipients, count + 1 DATA ---- */

enum { WORDS_MAX = 9 };

struct words {
  char const *all[WORDS_MAX];     /* null ends them */
  char digits[UINT64_FMT];
};

static size_t data_command(struct smtp_envelope const *e)
{
  return e->count + 1;
}

static size_t last_command(struct smtp_envelope const *e)
{
  return e->asks_only ? e->count : data_command(e);
}

static bool is_recipient(struct smtp_envelope const *e, size_t i)
{
  return i > 0 && i <= e->count;
}

static bool is_unsayable(struct smtp_envelope const *e, size_t i)
{
  return is_recipient(e, i) && !e->recipient(i - 1);
}

static void mail_command(struct words *to, struct smtp_envelope const *e, unsigned offered)
{
  char const **w = to->all;
  *w++ = "MAIL FROM:<";
  *w++ = e->sender;
  *w++ = ">";
  if ((offered & SMTP_OFFERS_SIZE) && e->size) {
    to->digits[uint64_fmt(to->digits, e->size)] = 0;
    *w++ = " SIZE=";
    *w++ = to->digits;
  }
  if ((offered & SMTP_OFFERS_8BITMIME) && e->eight_bit) *w++ = " BODY=8BITMIME";
  if ((offered & SMTP_OFFERS_SMTPUTF8) && e->utf8) *w++ = " SMTPUTF8";
  if ((offered & SMTP_OFFERS_DSN) && e->wishes) *w++ = e->wishes;
  *w = 0;
}

static void rcpt_command(struct words *to, struct smtp_envelope const *e, size_t recipient, unsigned offered)
{
  bool wishes = (offered & SMTP_OFFERS_DSN) && e->recipient_wishes;
  *to = (struct words){
    .all = { "RCPT TO:<", e->recipient(recipient), ">", wishes ? e->recipient_wishes(recipient) : 0 }
  };
}

static void command(struct words *to, struct smtp_envelope const *e, size_t i, unsigned offered)
{
  if (i == 0) mail_command(to, e, offered);
  else if (is_recipient(e, i)) rcpt_command(to, e, i - 1, offered);
  else *to = (struct words){ .all = { "DATA" } };
}

static size_t length(struct words const *of)
{
  size_t len = strlen("\r\n");
  for (char const *const *w = of->all; *w; w++) len += strlen(*w);
  return len;
}

/* Sends the command and, to a server that takes them together, as many of the following as fit into one buffer: so we
   never wait for room to send while the server waits for us to hear. Returns the number of the next command. */
static size_t say_commands(struct smtp_client *c, struct smtp_envelope const *e, size_t i)
{
  struct words line;
  bool first = true;
  smtp_expect_silence(c);
  for (; i <= last_command(e); i++) {
    if (is_unsayable(e, i)) continue;
    command(&line, e, i, c->offered);
    bool joins = (c->offered & SMTP_OFFERS_PIPELINING) && length(&line) <= sizeof c->net.output - c->net.used;
    if (!first && !joins) break;
    smtp_say(c, line.all);
    first = false;
  }
  return i;
}

/* ---- answers ---- */

static enum smtp_outcome hear_sender(struct smtp_client *c)
{
  if (smtp_hear_verdict(c) != SMTP_POSITIVE) return SMTP_SENDER_REJECTED;
  c->stage = SMTP_MAIL_ACCEPTED;
  return SMTP_OK;
}

static enum smtp_outcome hear_recipient(struct smtp_client *c, struct smtp_envelope const *e, size_t i)
{
  c->taken += smtp_hear_verdict(c) == SMTP_POSITIVE;
  e->heard(i, &c->reply);
  return SMTP_OK;
}

/* Without a recipient there must be no message. If DATA was already under way and the server wants to go on, it gets
   an empty one (RFC 2920 3.1). It goes on in answer to DATA only: so all recipients were answered as it seemed. */
static enum smtp_outcome hear_data(struct smtp_client *c)
{
  enum smtp_verdict v = smtp_hear(c);
  if (v == SMTP_POSITIVE) return SMTP_SENSELESS;
  c->proven = v == SMTP_GO_ON;
  if (c->proven && !c->taken) smtp_say(c, (char const *const[]){ ".", 0 });
  return c->proven || !c->taken ? SMTP_OK : SMTP_DATA_FAILED;
}

static enum smtp_outcome hear_answer(struct smtp_client *c, struct smtp_envelope const *e, size_t i)
{
  if (i == 0) return hear_sender(c);
  if (!is_recipient(e, i)) return hear_data(c);
  if (!is_unsayable(e, i)) return hear_recipient(c, e, i - 1);
  e->heard(i - 1, 0);
  return SMTP_OK;
}

static enum smtp_outcome envelope(struct smtp_client *c, void const *envelope_)
{
  struct smtp_envelope const *e = envelope_;
  size_t heard = 0;
  while (heard < data_command(e) || (heard == last_command(e) && c->taken)) {
    size_t said = say_commands(c, e, heard);
    while (heard < said) {
      enum smtp_outcome o = hear_answer(c, e, heard++);
      if (o != SMTP_OK) return o;
    }
  }
  return c->taken ? SMTP_OK : SMTP_NOBODY_TAKEN;
}

enum smtp_outcome smtp_client_envelope(struct smtp_client *c, struct smtp_envelope const *e)
{
  c->taken = 0;
  c->proven = false;
  return smtp_step_run(c, envelope, e);
}
