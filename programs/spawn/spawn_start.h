/* spawn_start: how a delivery begins: with an agent that is there already, or in a new process. */

#ifndef MAILTREE_SPAWN_START_H
#define MAILTREE_SPAWN_START_H

#include "spawn_state.h"

/* From here on it runs, or it is reported and gone. */
void spawn_start(struct spawn *s, struct spawn_delivery *d);

#endif
