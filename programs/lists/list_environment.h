/* list_environment: what qmail-local, or who plays its part, tells a program of lists. */

#ifndef MAILTREE_LIST_ENVIRONMENT_H
#define MAILTREE_LIST_ENVIRONMENT_H

#include <skalibs/stralloc.h>

#include "list.h"

/* Ends the program with 100 where the variable is not set. */
char const *list_default(struct list const *l);         /* DEFAULT */
char const *list_local(struct list const *l);           /* LOCAL */

/* Replaces *to by SENDER as list_sender_plain has it; 100 where it is not set. */
void list_sender(stralloc *to, struct list const *l);

/* The same for who answers: 100, too, for a bounce and for who names no host. */
void list_sender_answerable(stralloc *to, struct list const *l);

#endif
