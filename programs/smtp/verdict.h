/* verdict: what the queue program said, as a refusal. */

#ifndef MAILTREE_VERDICT_H
#define MAILTREE_VERDICT_H

#include "refusal.h"

/* 554 for "Dtext", 451 for "Ztext". The status in front of the text is the one at its end, "(#5.x.y)", if it fits the
   letter, else x.3.0. Bytes that would break a reply become '?'. 1, or 0 without memory. */
int verdict_refusal(struct refusal_made *to, char const *verdict);

#endif
