#include <skalibs/types.h>

#include "command.h"

static char const capabilities[] =
  "TOP\r\n"
  "UIDL\r\n"
  "RESP-CODES\r\n"
  "AUTH-RESP-CODE\r\n"
  "PIPELINING\r\n"
  "UTF8\r\n"
  "EXPIRE NEVER\r\n"
  "IMPLEMENTATION mailtree\r\n"
  ".\r\n";

static void put_login_delay(struct net *net, unsigned long seconds)
{
  char digits[ULONG_FMT];
  net_puts(net, "LOGIN-DELAY ");
  net_put(net, digits, ulong_fmt(digits, seconds));
  net_puts(net, "\r\n");
}

void list_capabilities(struct net *net, char const *mechanisms, unsigned long login_delay)
{
  net_puts(net, "USER\r\nSASL ");
  reply(net, mechanisms ? mechanisms : "PLAIN LOGIN");
  if (login_delay) put_login_delay(net, login_delay);
  net_puts(net, capabilities);
}

void reply(struct net *net, char const *text)
{
  net_puts(net, text);
  net_puts(net, "\r\n");
}

static void obey(struct net *net, struct verb const *verbs, int state, char *line, size_t len)
{
  struct verb_call c = verb_read(verbs, line, len);
  char const *no = verb_refusal(&c, state, "-ERR syntax error");
  if (no) reply(net, no);
  else c.verb->does(c.argument, c.argument_len);
}

void converse(struct net *net, struct verb const *verbs, int const *state)
{
  char line[COMMAND_MAX];
  size_t len;
  bool bare_lf;
  for (;;) {
    if (net_line(net, line, sizeof line, &len, &bare_lf) == NET_TOO_LONG) reply(net, "-ERR line too long");
    else obey(net, verbs, *state, line, len);
  }
}
