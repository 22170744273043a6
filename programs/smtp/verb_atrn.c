#include "frozen.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "turn_ask.h"
#include "verbs.h"

static struct refusal const *refusal_of(struct field domains)
{
  if (!policy.may_turn) return &REPLY_UNIMPLEMENTED;
  if (!session.login.name.len) return &REPLY_AUTH_FIRST;
  if (domains.len && !turn_domains_read(domains)) return &REPLY_NO_DOMAINS;
  int r = frozen((struct field){ session.login.name.s, session.login.name.len });
  return r == -1 ? &REPLY_CANNOT_TURN : r ? &REPLY_TURN_REFUSED : 0;
}

static struct turn question(struct field domains)
{
  return (struct turn){
    { session.login.name.s, session.login.name.len }, domains,
    field_of(session.client.ip == SESSION_UNKNOWN ? "" : session.client.ip), session.tls.on
  };
}

/* From here on another one has the connection, as a client; this process keeps its place in the server. */
static _Noreturn void turn(int control)
{
  reply_line(REPLY_TURNING);
  net_flush(&session.net);
  turn_wait(control);
  reply_leave(0, "turned");
}

/* Each has cost a process: a session may have so many as it may have errors. */
static void refuse_now(struct refusal const *no)
{
  reply_count_error();
  reply_refuse(no);
}

/* RFC 2645. */
void verb_atrn(char *arg, size_t len)
{
  struct field const domains = field_trimmed((struct field){ arg, len });
  struct refusal const *no = refusal_of(domains);
  struct turn const t = question(domains);
  int control;
  if (no) {
    reply_refuse(no);
    return;
  }
  switch (turn_ask(&t, session.net.in, session.net.out, &control)) {
    case TURN_GO: turn(control);
    case TURN_NO_MAIL: refuse_now(&REPLY_NO_MAIL); break;
    case TURN_REFUSED: refuse_now(&REPLY_TURN_REFUSED); break;
    default: refuse_now(&REPLY_CANNOT_TURN);
  }
}
