/* die: the common endings of a program. PROG must be set first.

   Exit 100 tells the caller that he is at fault and trying again is useless; 111 that the world
   is at fault and he may try again. */

#ifndef MAILTREE_DIE_H
#define MAILTREE_DIE_H

/* "PROG: fatal: out of memory", exit 111. */
_Noreturn void die_nomem(void);

/* What die_nomem does first, for a program that would leave half a file behind; null: nothing. */
extern void (*die_nomem_first)(void);

/* Enters HOME (the PREFIX of the build) or ends with "PROG: fatal: unable to chdir to HOME: reason", 111. */
void enter_home(void);

#endif
