#include <string.h>
#include <strings.h>

#include "capture.h"
#include "client.h"
#include "dnslists.h"
#include "grant.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verbs.h"
#include "xclient.h"

/* Null for what was not said. */
static char const *value(struct xclient const *x, enum xclient_attribute a)
{
  return x->is_said[a] ? x->value[a] : 0;
}

/* The name of who speaks is none of the client's; what was told of him before he had an address, is. */
static char const *host(struct xclient const *x)
{
  static bool told = false;
  if (x->is_said[XCLIENT_NAME]) told = true;
  return told ? value(x, XCLIENT_NAME) : "";
}

static void greet_as(struct xclient const *x)
{
  char const *name = value(x, XCLIENT_HELO), *protocol = value(x, XCLIENT_PROTO);
  session_forget_hello();
  if (name) text_set(&session.hello.name, name);
  session.hello.said = name;
  session.hello.extended = protocol && !strcasecmp(protocol, "ESMTP");
}

/* His limits, and what else the rules say of him, in place of those of the one who speaks for him. */
static void change(struct xclient const *x)
{
  client_becomes(&(struct client_news){
    .ip = value(x, XCLIENT_ADDR), .host = host(x), .port = value(x, XCLIENT_PORT),
    .local_ip = value(x, XCLIENT_DESTADDR), .local_port = value(x, XCLIENT_DESTPORT)
  });
  client_read_rcpthosts();
  if (!policy_learn_anew()) reply_no_controls();
  capture_begin(&session.net, session.client.ip);
  dnslists_begin();
  struct refusal const *no = grant_refusal_of_client();
  if (no) reply_send_away(no, "limits");
  dnslists_turn_away();
  greet_as(x);
  hello_say_greeting("220 ", " ESMTP");
}

void verb_xclient(char *arg, size_t len)
{
  struct xclient x;
  if (!client_may_say_xclient()) reply_refuse(&REPLY_MAY_NOT_SPEAK);
  else if (!xclient_read(&x, arg, len)) reply_refuse(&REPLY_BAD_VALUE);
  else change(&x);
}
