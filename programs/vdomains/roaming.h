/* roaming: who has logged in to read mail may send it from the same address for a while ("POP before SMTP"). The addresses
   stand in etc/open-smtp below the home of vpopmail (open_smtp.h); no table of rules is made of them. */

#ifndef MAILTREE_VDOMAINS_ROAMING_H
#define MAILTREE_VDOMAINS_ROAMING_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

#define ROAMING_FILE "open-smtp"
#define ROAMING_LOCK "open-smtp.lock"

enum { ROAMING_MINUTES_MAX = 525600 };    /* a year */

/* For how long; 0: for nobody. */
void roaming_set(unsigned long minutes);
bool roaming_is_on(void);

/* Notes that somebody has logged in from there; what is too old goes. A line that is rather new stays, so that not every
   login writes the file. False with errno. */
bool roaming_note(struct field client);

/* 1: somebody has, lately. 0: nobody has. -1 with errno. */
int roaming_ask(struct field client);

/* Only removes what is too old. False with errno. */
bool roaming_clear(void);

#endif
