#include <poll.h>

#include "message.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "verbs.h"

static bool input_waits(void)
{
  struct pollfd x = { .fd = session.net.in, .events = POLLIN };
  return poll(&x, 1, 0) == 1;
}

static void take_message(struct message *m)
{
  static char stored[sizeof session.net.input + 1];
  struct net *net = &session.net;
  size_t len;
  while (!body_done(&m->body)) {
    /* A client that ended its spoiled message its own way waits for us as we would for it. */
    if (net->begin == net->end && body_seems_over(&m->body) && !input_waits())
      reply_send_away(&REPLY_BARE_LINE_END, "bare LF");
    if (net->begin == net->end) net_fill(net);
    size_t taken = body_take(&m->body, net->input + net->begin, net->end - net->begin, stored, &len);
    net_pass(net, taken);
    message_put(m, stored, len, taken);
  }
}

/* Who wrote DATA with LF alone, and may, ends the message so. */
static enum body_policy policy_of_message(void)
{
  if (!policy.bare_normalised) return BODY_STRICT;
  return session.command.bare_lf ? BODY_LF : BODY_NORMALISE;
}

void verb_data(char *arg, size_t len)
{
  static struct message message;
  (void)arg, (void)len;
  if (!session.mail.count) {
    reply_refuse(&REPLY_RCPT_FIRST);
    return;
  }
  if (message_begin(&message, policy_of_message())) {
    reply_line(REPLY_GO_AHEAD);
    take_message(&message);
    message_hand_over(&message);
  } else {
    reply_refuse(&REPLY_QUEUE_NOT_STARTED);
  }
  session_forget_mail();
}
