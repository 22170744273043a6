#include "checks.h"
#include "extensions.h"
#include "guessing.h"
#include "parameters.h"
#include "path.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verbs.h"

static void add_recipient(stralloc const *recipient, struct parameters const *p)
{
  text_addx(&session.mail.recipients, recipient);
  if (session.client.suffix) text_add(&session.mail.recipients, session.client.suffix);
  text_end(&session.mail.recipients);
  session.mail.count++;
  for (size_t i = 0; i < p->count; i++)
    session_add_extra(session.mail.count, (char)p->extras[i].letter, p->extras[i].value.s, p->extras[i].value.len);
}

static struct refusal const *refusal_of_rcpt(struct parameters *to, char const *arg, size_t len)
{
  size_t rest;
  session.command.of_recipient = true;
  if (!path_take(arg, len, &rest)) return &REPLY_SYNTAX;
  unsigned offered = extensions_of_parameters() & ~(session.mail.utf8 ? 0U : PARAMETERS_UTF8);
  enum parameters_result r = parameters_of_rcpt(to, offered, arg + rest, len - rest);
  return checks_refusal(AT_RECIPIENT, &(struct check_subject){
    .address = &session.command.address, .parameters = r, .utf8 = session.mail.utf8
  });
}

/* Who tries names to find those that exist waits longer and longer, and then has to come again. */
static void deter_from_guessing(void)
{
  session.tally.unknown++;
  if (session.tally.unknown > GUESSING_MAX) reply_send_away(&REPLY_TOO_MANY_UNKNOWN, "unknown recipients");
  net_pause(&session.net, guessing_seconds(session.tally.unknown));
}

void verb_rcpt(char *arg, size_t len)
{
  struct parameters parameters;
  struct refusal const *no = refusal_of_rcpt(&parameters, arg, len);
  if (no == &REPLY_NO_MAILBOX) deter_from_guessing();
  bool again = no == &REPLY_TOO_MANY_RECIPIENTS && session.mail.told_too_many;
  if (no == &REPLY_TOO_MANY_RECIPIENTS) session.mail.told_too_many = true;
  if (!no) add_recipient(&session.command.address, &parameters);
  /* A list server may offer thousands of recipients too many; the log hears of the first. */
  if (again) reply_refuse_again(no);
  else if (no) reply_refuse(no);
  else reply_line(REPLY_RECIPIENT_OK);
}
