/* limit_set: all lines of control/limits, and which of them speak for somebody. */

#ifndef MAILTREE_LIMITS_LIMIT_SET_H
#define MAILTREE_LIMITS_LIMIT_SET_H

#include <skalibs/stralloc.h>

#include "limit_line.h"
#include "network.h"

enum { LIMIT_LINES_MAX = 10000 };     /* those behind are not read */

struct limit_set {
  stralloc text;
  struct limit_line *lines;           /* their words lie in text */
  size_t count;
};

/* What one may do; 0: there is no limit. */
struct limits { uint32_t most[LIMIT_WHATS][LIMIT_PERIODS]; };

/* Who is asked about. Of an address the network is it. */
struct limited { enum limit_subject subject; struct field name; struct network const *network; };

/* Makes the set of these lines. Of one that is wrong wrong() is told, if it is not null, and it limits nobody. False without memory, and the set is as it
   was. */
bool limit_set_read(struct limit_set *set, char const *s, size_t len, void (*wrong)(struct field line, char const *why));

/* The line that speaks of the fewest wins, for each of what and period; of equal ones the last. Who is of a class has
   its lines only, if it has any. False: nothing is limited. */
bool limit_set_find(struct limit_set const *set, struct limits *to, struct field class, struct limited const *who);

/* Whether any line is about addresses. */
bool limit_set_has_addresses(struct limit_set const *set);

#endif
