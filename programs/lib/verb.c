#include <string.h>
#include <strings.h>

#include "verb.h"

struct verb_words verb_split(char const *line, size_t len)
{
  char const *blank = len ? memchr(line, ' ', len) : 0;
  struct verb_words w = { blank ? (size_t)(blank - line) : len, 0 };
  w.argument = w.verb_len;
  while (w.argument < len && line[w.argument] == ' ') w.argument++;
  return w;
}

struct verb const *verb_find(struct verb const *verbs, char const *name, size_t len)
{
  while (verbs->name && (strlen(verbs->name) != len || strncasecmp(verbs->name, name, len) != 0)) verbs++;
  return verbs;
}

struct verb_call verb_read(struct verb const *verbs, char *line, size_t len)
{
  struct verb_words w = verb_split(line, len);
  return (struct verb_call){
    .verb = verb_find(verbs, line, w.verb_len), .verb_len = w.verb_len,
    .argument = line + w.argument, .argument_len = len - w.argument
  };
}

void const *verb_refusal(struct verb_call const *c, int state, void const *without_argument)
{
  if (!(c->verb->welcome & state)) return c->verb->otherwise;
  return c->verb->kind & VERB_ARGUMENT && !c->argument_len ? without_argument : 0;
}

void verb_put_names(struct net *net, struct verb const *verbs)
{
  for (struct verb const *v = verbs; v->name; v++) {
    if (v->kind & VERB_UNLISTED) continue;
    net_puts(net, " ");
    net_puts(net, v->name);
  }
}
