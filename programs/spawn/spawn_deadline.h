/* spawn_deadline: when a delivery has to have ended, and how it is made to.

   The group of its process gets SIGTERM, twice, then SIGKILL, and what even that does not end (its disk or its server
   hangs) is left to itself; then it is reported. Times are milliseconds of a clock that nobody sets. */

#ifndef MAILTREE_SPAWN_DEADLINE_H
#define MAILTREE_SPAWN_DEADLINE_H

#include <stdint.h>

#include "agent_pool.h"
#include "spawn_delivery.h"

/* For a delivery that begins; 0 seconds: as many as it likes. */
void spawn_deadline_set(struct spawn_delivery *d, int64_t now, unsigned long seconds);

/* Mail delivery stops: all that runs is to end now. */
void spawn_deadline_is_now(struct spawn_deliveries *all);

/* Takes the steps that are due. Milliseconds until the next one is, -1 when none will be. */
int spawn_deadline_steps(struct spawn_deliveries *all, struct agent_pool *pool, int64_t now);

#endif
