#include <skalibs/types.h>

#include "call_ask.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "verbs.h"

enum { CALL_MS = 5000 };

static void say_done(uint32_t messages)
{
  char number[UINT32_FMT];
  if (!messages) {
    reply_line("251 2.0.0 no messages wait");
    return;
  }
  net_puts(&session.net, "253 2.0.0 ");
  net_put(&session.net, number, uint32_fmt(number, messages));
  reply_line(" messages are on their way");
}

/* A queue with a name, #name, is nothing that we have. */
static struct refusal const *refusal_of(struct call *c, struct field what)
{
  if (!policy.may_call.len) return &REPLY_UNIMPLEMENTED;
  if (what.len && *what.s == '#') return &REPLY_NOT_YOUR_MAIL;
  if (!call_read(c, what)) return &REPLY_NO_DOMAIN;
  return call_is_allowed(c, (struct field){ policy.may_call.s, policy.may_call.len }) ? 0 : &REPLY_NOT_YOUR_MAIL;
}

/* RFC 1985. The mail goes where all mail for the domain goes, and never back on this connection. */
void verb_etrn(char *arg, size_t len)
{
  struct call c;
  uint32_t messages;
  struct refusal const *no = refusal_of(&c, (struct field){ arg, len });
  if (no) {
    reply_refuse(no);
    return;
  }
  switch (call_ask(&c, &messages, CALL_MS)) {
    case CALL_DONE: say_done(messages); break;
    case CALL_TOO_SOON: reply_refuse(&REPLY_CALLED_JUST_NOW); break;
    default: reply_refuse(&REPLY_CANNOT_CALL);
  }
}
