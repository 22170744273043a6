/* guessing: who tries names to find those that exist waits longer and longer. */

#ifndef MAILTREE_SMTP_GUESSING_H
#define MAILTREE_SMTP_GUESSING_H

enum { GUESSING_MAX = 20 };           /* unknown recipients in a session, at all */

/* How many seconds the answer about the n-th of them waits. */
unsigned guessing_seconds(unsigned long n);

#endif
