#include <skalibs/types.h>

#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "verbs.h"

void hello_say_greeting(char const *code, char const *behind)
{
  net_puts(&session.net, code);
  net_put(&session.net, policy.greeting.s, policy.greeting.len);
  reply_line(behind);
}

static void hear_hello(char const *name, size_t len, bool extended)
{
  text_setb(&session.hello.name, name, len);
  session.hello.said = true;
  session.hello.extended = extended;
  session_forget_mail();
}

void verb_helo(char *arg, size_t len)
{
  hear_hello(arg, len, false);
  hello_say_greeting("250 ", "");
}

void verb_ehlo(char *arg, size_t len)
{
  char number[ULONG_FMT];
  hear_hello(arg, len, true);
  hello_say_greeting("250-", "");
  reply_line("250-PIPELINING");
  reply_line("250-8BITMIME");
  net_puts(&session.net, policy.databytes ? "250-SIZE " : "250-SIZE");
  if (policy.databytes) net_put(&session.net, number, ulong_fmt(number, policy.databytes));
  reply_line("");
  reply_line("250 ENHANCEDSTATUSCODES");
}
