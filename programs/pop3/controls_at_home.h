/* controls_at_home: both programs of this role are started wherever they are, and their control files lie below HOME. */

#ifndef MAILTREE_CONTROLS_AT_HOME_H
#define MAILTREE_CONTROLS_AT_HOME_H

#include <stdbool.h>

#include "control.h"

/* As control_load, from any working directory, which stays the same. False with errno and *culprit. */
bool controls_at_home(struct control const *table, char const **culprit);

#endif
