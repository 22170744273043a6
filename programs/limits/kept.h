/* kept: what was counted, as text, so that a restart does not give everybody his day anew. A line for each who has done anything
   within a day, by the numbers of the periods since 1970, which are as true afterwards:

     login joe@example.net 1 2 494301 17 3          what, period, the period's number, how many in it, and in the one before

   Pure. */

#ifndef MAILTREE_LIMITS_KEPT_H
#define MAILTREE_LIMITS_KEPT_H

#include "usage.h"

enum { KEPT_LINES_MAX = LIMIT_NAME_MAX + 20 + LIMIT_WHATS * LIMIT_PERIODS * (4 + 3 * 11) };

/* The line of one, with its end; 0 when there is nothing to keep of him. */
size_t kept_line(char to[KEPT_LINES_MAX], enum limit_subject subject, struct usage const *u, uint64_t t);

/* One line, without its end, taken into the table. False: it is none. */
bool kept_read(struct usages *all, char const *s, size_t len, uint64_t t);

#endif
