#include <string.h>
#include <strings.h>

#include "command.h"

char const CAPABILITIES[] =
  "+OK \r\n"
  "USER\r\n"
  "SASL PLAIN\r\n"
  "TOP\r\n"
  "UIDL\r\n"
  "RESP-CODES\r\n"
  "AUTH-RESP-CODE\r\n"
  "PIPELINING\r\n"
  "EXPIRE NEVER\r\n"
  "IMPLEMENTATION mailtree\r\n"
  ".\r\n";

struct command command_split(char const *line, size_t len)
{
  char const *blank = len ? memchr(line, ' ', len) : 0;
  struct command c = { blank ? (size_t)(blank - line) : len, 0 };
  c.argument = c.verb_len;
  while (c.argument < len && line[c.argument] == ' ') c.argument++;
  return c;
}

struct verb const *verb_find(struct verb const *verbs, char const *name, size_t len)
{
  while (verbs->name && (strlen(verbs->name) != len || strncasecmp(verbs->name, name, len) != 0)) verbs++;
  return verbs;
}

size_t number_scan(char const *s, size_t len, uint64_t *number)
{
  size_t i = 0;
  *number = 0;
  for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    unsigned digit = (unsigned)(s[i] - '0');
    if (*number > (UINT64_MAX - digit) / 10) *number = UINT64_MAX;
    else *number = *number * 10 + digit;
  }
  return i;
}

void reply(struct net *net, char const *text)
{
  net_puts(net, text);
  net_puts(net, "\r\n");
}

static void obey(struct net *net, struct verb const *verbs, int state, char *line, size_t len)
{
  struct command c = command_split(line, len);
  struct verb const *v = verb_find(verbs, line, c.verb_len);
  if (!(v->welcome & state)) reply(net, v->otherwise);
  else if (v->argument && c.argument == len) reply(net, "-ERR syntax error");
  else v->does(line + c.argument, len - c.argument);
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
