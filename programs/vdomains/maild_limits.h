/* maild_limits: the limits of a domain as vpopmaild has them, a word and a number a line, the same when they are shown and when they are
   set; and what they are for vmoddomlimits. */

#ifndef MAILTREE_VDOMAINS_MAILD_LIMITS_H
#define MAILTREE_VDOMAINS_MAILD_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "vlimits.h"

enum { MAILD_LIMITS = 18, MAILD_LIMIT_SIZE = 32, MAILD_LIMIT_FLAGS = 16, MAILD_LIMITS_ARGUMENTS = 2 * MAILD_LIMITS + 2 };

/* What is wished; starts with zero. */
struct maild_limits {
  char values[MAILD_LIMITS][MAILD_LIMIT_SIZE];
  bool has[MAILD_LIMITS];
  char flags[MAILD_LIMIT_FLAGS + 1];
  bool has_flags;
};

/* Takes a line. Null, or what is wrong with it. */
char const *maild_limits_take(struct maild_limits *wish, char const *word, char const *value);

/* The options and their arguments, in the memory of the wish. How many; 0: nothing is to be set. */
size_t maild_limits_arguments(char const *to[MAILD_LIMITS_ARGUMENTS], struct maild_limits const *wish);

/* Appends all of them, in the words of the wish. Ends the program without memory. */
void maild_limits_show(stralloc *to, struct vlimits const *limits);

#endif
