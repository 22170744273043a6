/* send_destination: how much each destination of remote mail may get at a time, and which of them rest.

   A destination begins with a few commands at a time; each success allows one more, up to
   control/concurrencydestination. When it cannot be reached, the number is halved; when nothing has reached it
   since the last time, it rests: first REST_FIRST seconds, then twice as long each time, REST_LAST at most. After the
   rest one command at a time goes there until one arrives. Destinations in this state share a part of the channel, so
   that many dead hosts take no more places than one.

   Messages that a destination has no room for wait in its heaps and cost nothing until it has. */

#ifndef MAILTREE_SEND_DESTINATION_H
#define MAILTREE_SEND_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "send_message.h"

struct destination;

/* The only destination of some addresses, 0 when there are several: *sole is that of the earlier ones, if any. */
static inline void destination_meet(uint64_t *sole, bool any, uint64_t key)
{
  *sole = !any || *sole == key ? key : 0;
}

/* The domain of an address; the whole of one without '@'. */
char const *destination_domain(char const *address, size_t address_len, size_t *len);

/* What addresses at one destination have in common; never 0. The one place that says what a destination is: the domain
   in small letters. Two domains share a key by chance only, and then no more than their limits. */
uint64_t destination_key(char const *address, size_t len);

/* Never null; an idle one may be forgotten at the next call. */
struct destination *destination_get(uint64_t key);

enum destination_room { ROOM, NO_ROOM, RESTING };

/* Whether a command may go there now. The last pass of a message does not wait for the end of a rest. */
enum destination_room destination_room(struct destination const *d, bool last);

/* A message that is due waits until there is room. */
void destination_wait(struct destination *d, struct message *m);

/* Whether messages of this newness wait for it. */
bool destination_awaited(struct destination const *d, enum newness n);

/* The next message whose destination has room: of NEW, one of a destination where new mail waits. It leaves the
   heap; null when there is none. */
struct message *destination_next(enum newness n);

void destination_started(struct destination *d);

enum destination_outcome { REACHED, UNREACHED, UNKNOWN };

/* A command is over. True when the destination begins to rest, for *rest seconds. */
bool destination_ended(struct destination *d, enum destination_outcome outcome, unsigned *rest);

/* Ends the rests that are over. True when there were any. */
bool destinations_wake(void);

/* Ends all rests. */
void destinations_wake_all(void);

/* When destination_next may have something: now, the end of a rest, or UINT64_MAX. */
uint64_t destinations_next(void);

/* Ends the rest of one. */
void destination_wake(struct destination *d);

#endif
