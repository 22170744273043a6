/* sts_look: the policy of a domain, as its file is to have it now. Working directory HOME. */

#ifndef MAILTREE_STS_LOOK_H
#define MAILTREE_STS_LOOK_H

#include <stdbool.h>

#include "sts_entry.h"

/* In the first process, before its workers: what all of them remember. False without memory. */
bool look_set_up(void);

/* Of a domain, by the name of its file (sts_domain). Nothing is asked as long as the answer of the last time is good. */
enum sts_said look_at(char const *name);

/* Looks at each policy of a day ago, or in the second half of its time; removes those whose time is long over. */
void look_after_the_old(void);

#endif
