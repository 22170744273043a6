/* local_environment: what a program in a .qmail file finds in its environment. dot-qmail(5). */

#ifndef MAILTREE_LOCAL_ENVIRONMENT_H
#define MAILTREE_LOCAL_ENVIRONMENT_H

#include <skalibs/stralloc.h>

#include "local_mail.h"

/* Appends "NAME=VALUE" NUL for each variable. The environment is made from nothing: PATH, TZ and QMAILQUEUE are kept, the
   others follow from the delivery. Dies without memory. */
void local_environment(stralloc *to, struct local_mail const *m);

#endif
