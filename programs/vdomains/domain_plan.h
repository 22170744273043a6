/* domain_plan: which lines of which files make a virtual domain, and in which order they come and go. Mail for a domain is
   taken only while there is somewhere for it to go. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_PLAN_H
#define MAILTREE_VDOMAINS_DOMAIN_PLAN_H

#include <skalibs/stralloc.h>

#include "domain.h"

enum { DOMAIN_RCPTHOSTS_MAX = 50 };   /* lines of rcpthosts; the next domain goes to morercpthosts */

/* Refuses a domain that virtualdomains gives to somebody else already. Working directory HOME, with the lock of change.h;
   so for all of these. */
void domain_plan_check(struct domain const *domain);

/* Append the steps to a plan. */
void domain_plan_add(stralloc *plan, struct domain const *domain);
void domain_plan_drop(stralloc *plan, struct domain const *domain);

#endif
