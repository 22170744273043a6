/* list_environment: what qmail-local, or who plays its part, tells a program of lists. */

#ifndef MAILTREE_LIST_ENVIRONMENT_H
#define MAILTREE_LIST_ENVIRONMENT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "list.h"

/* Ends the program with 100 where the variable is not set. */
char const *list_default(struct list const *l);         /* DEFAULT */
char const *list_local(struct list const *l);           /* LOCAL */

/* Whether the program is run for a mail, as qmail-local does it: RECIPIENT is set. Else somebody runs it by hand, or a script. */
bool list_is_for_mail(void);

/* Replaces *to by SENDER as list_sender_plain has it; 100 where it is not set. */
void list_sender(stralloc *to, struct list const *l);

/* The same for who answers: 100, too, for a bounce and for who names no host. */
void list_sender_answerable(stralloc *to, struct list const *l);

#endif
