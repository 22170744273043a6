/* send_places: how many commands of each channel may run at a time, and how many do. */

#ifndef MAILTREE_SEND_PLACES_H
#define MAILTREE_SEND_PLACES_H

#include "route.h"

struct places {
  unsigned carried;     /* what the spawner can carry */
  unsigned taken;       /* commands that run */
};

extern struct places places[CHANNELS];

/* As control/concurrencylocal and concurrencyremote say, as far as the spawner can carry them. */
unsigned places_all(enum channel c);

unsigned places_free(enum channel c);

#endif
