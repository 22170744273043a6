/* limits_control: what the site says in control/limits, read again when the file changes. */

#ifndef MAILTREE_LIMITS_LIMITS_CONTROL_H
#define MAILTREE_LIMITS_LIMITS_CONTROL_H

#include "limit_set.h"

/* Reads it if it is another one than last time. What cannot be read leaves the set as it is; that, and each line that is
   wrong, is told to the log. Keeps LIMIT_ADDRESSES as there are limits of addresses or none. */
void limits_control_look(struct limit_set *set);

#endif
