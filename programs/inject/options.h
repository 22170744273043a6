/* options: one letter at a time, bundled or not, as the family reads them. Reading stops at "--", at a lone "-" and
   at the first word that is no option. */

#ifndef MAILTREE_OPTIONS_H
#define MAILTREE_OPTIONS_H

#include <stddef.h>

struct options {
  int argc;
  char const *const *argv;
  int at;                   /* the word being read; after the last option, the first argument */
  size_t inside;            /* bytes of that word already read */
  char const *arg;          /* argument of the letter just returned */
};
#define OPTIONS(c, v) { .argc = (c), .argv = (v), .at = (c) > 0 }

/* The next letter of the known ones; -1 when there are no more; '?' after "PROG: illegal option -- c" or
   "PROG: option requires an argument -- c" went to stderr. In known, "f:" has an argument, in the same word or the next;
   "q*" takes the rest of its word, which may be empty. */
int options_next(struct options *o, char const *known);

#endif
