#include "extensions.h"
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
  hear_hello(arg, len, true);
  hello_say_greeting("250-", "");
  extensions_say();
}
