/* checks: whether this client may send mail to this recipient. */

#ifndef MAILTREE_SMTP_CHECKS_H
#define MAILTREE_SMTP_CHECKS_H

#include <skalibs/stralloc.h>

#include "parameters.h"

/* The refusal, or null. */
char const *checks_refusal_of_recipient(stralloc const *recipient);

char const *checks_refusal_of_parameters(enum parameters_result result);

#endif
