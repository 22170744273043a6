/* spawn_agents: who may become an agent, what agents say, and when they are of no use any more. */

#ifndef MAILTREE_SPAWN_AGENTS_H
#define MAILTREE_SPAWN_AGENTS_H

#include "spawn_state.h"

/* When something has changed that the role watches, all idle agents go. */
void spawn_agents_look_around(struct spawn *s);

/* One for a delivery that starts its process now, or null; *theirs is the end that the process shall have. */
struct agent *spawn_agents_invite(struct spawn *s, struct spawn_delivery *d, int *theirs);

/* Something has come from it, or may have. */
void spawn_agents_hear(struct spawn *s, struct agent *a);

/* A child is dead, which may have been one. */
void spawn_agents_died(struct spawn *s, pid_t pid);

#endif
