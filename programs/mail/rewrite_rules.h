/* rewrite_rules: how addresses are completed on this host, by control files and environment. Working directory: HOME. A
   program that cannot find it out ends: "unable to read control/x", 111. */

#ifndef MAILTREE_REWRITE_RULES_H
#define MAILTREE_REWRITE_RULES_H

#include <skalibs/stralloc.h>

#include "rewrite.h"

/* The variable, or where it is not set the control file, without which control/me counts. */
void rewrite_setting(stralloc *to, char const *variable, char const *file);

/* defaulthost, defaultdomain, plusdomain. A control file whose variable is set is not read; locals and virtualdomains
   are, when the first host without a dot comes. */
void rewrite_rules_load(struct rewrite_rules *rules);

#endif
