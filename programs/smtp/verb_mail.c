#include "checks.h"
#include "extensions.h"
#include "generic.h"
#include "parameters.h"
#include "path.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verbs.h"

/* What is wrong with the argument of MAIL, or null; its address is then in session.command.address. */
static struct refusal const *refusal_of_mail(struct parameters *to, char const *arg, size_t len)
{
  size_t rest;
  if (!path_take(arg, len, &rest)) return &REPLY_SYNTAX;
  enum parameters_result r = parameters_of_mail(to, extensions_of_parameters(), arg + rest, len - rest);
  return checks_refusal(AT_SENDER, &(struct check_subject){
    .address = &session.command.address, .parameters = r, .size = to->size, .utf8 = to->utf8
  });
}

/* Who has logged in is called as outsiders know him; what he may send as was looked at before. */
static void call_outside(stralloc *sender)
{
  char const *culprit;
  if (!session.login.name.len) return;
  if (!generic_load(&culprit)) reply_no_controls();
  generic_replace(sender);
}

void verb_mail(char *arg, size_t len)
{
  struct parameters parameters;
  struct refusal const *no = refusal_of_mail(&parameters, arg, len);
  if (no) {
    reply_refuse(no);
    return;
  }
  session_forget_mail();
  text_setb(&session.mail.sender, session.command.address.s, session.command.address.len);
  session.mail.utf8 = parameters.utf8;
  session.mail.unwanted = checks_list_has(&policy.unwanted.senders, &session.mail.sender);
  call_outside(&session.mail.sender);
  for (size_t i = 0; i < parameters.count; i++)
    session_add_extra(0, (char)parameters.extras[i].letter, parameters.extras[i].value.s, parameters.extras[i].value.len);
  session.mail.open = true;
  reply_line(REPLY_SENDER_OK);
}
