/* send_events: what others have said, and what follows from it. It comes up from the part that reads it as a value, and is
   dealt with to the end, one after the other: whoever changes what follows, and in which order, changes it here.

   This stands above all other parts: none of them calls what stands above it. */

#ifndef MAILTREE_SEND_EVENTS_H
#define MAILTREE_SEND_EVENTS_H

#include <stdbool.h>

#include "route.h"

/* The spawner of the channel reports deliveries, or answers questions. */
void events_reports(enum channel c);

/* qmail-clean answers. False when it is gone. */
bool events_answers(int fd);

/* Children have ended. */
void events_children(void);

/* Destinations ask. */
void events_questions(void);

/* qmail-qctl asks. True when that changed something. */
bool events_requests(void);

#endif
