/* verdict: what the queue program said, as an SMTP reply. */

#ifndef MAILTREE_VERDICT_H
#define MAILTREE_VERDICT_H

#include <skalibs/stralloc.h>

/* Replaces *to, NUL included, by "554 5.x.y text" for "Dtext" and "451 4.x.y text" for "Ztext". The status code is
   the one at the end of the text, "(#5.x.y)", if it fits the letter, else x.3.0. Bytes that would break a reply
   become '?'. 1, or 0 without memory. */
int verdict_reply(stralloc *to, char const *verdict);

#endif
