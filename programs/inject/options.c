#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "options.h"

static int refuse(char const *problem, char letter)
{
  char const text[2] = { letter, 0 };
  strerr_warn(PROG, ": ", problem, " -- ", text);
  return '?';
}

static void next_word(struct options *o)
{
  o->at++;
  o->inside = 0;
}

static int end_of_options(struct options *o)
{
  o->arg = 0;
  return -1;
}

static int with_argument(struct options *o, char letter, bool required)
{
  char const *rest = o->argv[o->at] + o->inside;
  next_word(o);
  o->arg = rest;
  if (*rest || !required) return letter;
  if (o->at >= o->argc) return refuse("option requires an argument", letter);
  o->arg = o->argv[o->at++];
  return letter;
}

int options_next(struct options *o, char const *known)
{
  if (o->at >= o->argc) return end_of_options(o);
  char const *word = o->argv[o->at];
  if (!o->inside) {
    if (word[0] != '-' || !word[1]) return end_of_options(o);
    if (!strcmp(word, "--")) return (o->at++, end_of_options(o));
    o->inside = 1;
  }
  char letter = word[o->inside++];
  char const *row = letter == ':' || letter == '*' ? 0 : strchr(known, letter);
  if (row && (row[1] == ':' || row[1] == '*')) return with_argument(o, letter, row[1] == ':');
  if (!word[o->inside]) next_word(o);
  return row ? letter : refuse("illegal option", letter);
}
