/* verb_options: the command line of qmail-qctl. */

#ifndef MAILTREE_VERB_OPTIONS_H
#define MAILTREE_VERB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"
#include "verb_choice.h"

enum wish { WISH_HELP, WISH_LIST, WISH_SHOW, WISH_HOLD, WISH_RELEASE, WISH_REQUEUE, WISH_DELETE, WISH_REDIRECT, WISH_RELOAD, WISHES };

struct verb_options {
  enum wish wish;
  bool dry;                         /* -n */
  bool all;                         /* -A */
  bool json;                        /* --json */
  bool reasons;                     /* -l */
  bool message;                     /* -m */
  bool held;                        /* -H */
  char const *sender;               /* -s, a pattern; null for any */
  struct verb_choice choice;        /* -r, -d; empty for any */
  uint64_t older, younger;          /* -o, -y, seconds */
  char const *text;                 /* -b: why the recipients fail; null without */
  char const *to;                   /* -t: who gets the mail instead */
  char const *const *numbers;       /* as written, each a number */
  size_t count;
};

/* Reads what stands behind the program's name. Null, or what is wrong; *culprit is the word that is, or null. */
char const *verb_options_read(struct verb_options *o, char const **culprit, int argc, char const *const *argv);

/* Whether the message is one of those that are meant: its recipients to do count. */
bool verb_options_want(struct verb_options const *o, struct report const *r, uint64_t now);

/* "90", "90s", "15m", "3h", "2d", "1w": seconds. */
bool age_scan(char const *s, uint64_t *seconds);

#endif
