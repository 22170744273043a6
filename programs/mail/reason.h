/* reason: errno in the words that reports of deliveries have had in every qmail ("access denied"): scripts of sites look
   for them in logs and bounces. */

#ifndef MAILTREE_REASON_H
#define MAILTREE_REASON_H

/* What the family has no word for is said as the system says it. */
char const *reason(int error);

#endif
