/* send_places: how many commands of each channel may run at a time, and how many do.

   A command holds a place until it is over, or turns out to be light (delivery_wire.h): it does nothing but fill Maildirs, which
   is mostly to wait for the disk, and the more of them wait the better, since they share commits. */

#ifndef MAILTREE_SEND_PLACES_H
#define MAILTREE_SEND_PLACES_H

#include "route.h"

enum { PLACES_WIDER = 5 };      /* times as many commands may run as there are places, if the rest is light */

struct places {
  unsigned carried;     /* what the spawner can carry */
  unsigned taken;       /* commands that run, */
  unsigned light;       /* of which so many hold no place */
};

extern struct places places[CHANNELS];

/* As control/concurrencylocal and concurrencyremote say, as far as the spawner can carry them. */
unsigned places_all(enum channel c);

unsigned places_free(enum channel c);

#endif
