/* change: what makes and removes virtual domains changes several files as one.

   A plan (plan.h) is on disk before its first step, and goes after its last. A power cut or a kill in between leaves the
   plan, and the next command carries it out again before its own; so does the start of the service. Files are written
   aside and renamed (replace.h); a file that has a compiled form is compiled in the same step; qmail-send has read
   virtualdomains and locals again before mail is taken for what they say, and before what they led to goes. */

#ifndef MAILTREE_VDOMAINS_CHANGE_H
#define MAILTREE_VDOMAINS_CHANGE_H

#include <skalibs/stralloc.h>

#define CHANGE_LOCK "users/.vdomains.lock"
#define CHANGE_PLAN "users/vdomains.plan"

enum { CHANGE_LOCK_SECONDS = 60 };

/* Waits for the lock, which is held until the program ends, and finishes what an earlier command left. Needs root, the
   working directory HOME and PROG. Ends the program with 111 when it cannot, or when users/assign could not be compiled. */
void change_begin(void);

/* Replaces *plan by what an earlier command left to be done; empty: nothing. Ends the program with 111 when it cannot be read. */
void change_left(stralloc *plan);

/* Ends the plan and carries it out. Ends the program with 111 when a step fails; the plan stays for the next
   command, and the last line of the message says so. */
void change_run(stralloc *plan);

#endif
