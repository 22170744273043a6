#include "send.h"
#include "send_places.h"

struct places places[CHANNELS];

unsigned places_all(enum channel c)
{
  unsigned long wanted = settings.concurrency[c];
  return wanted < places[c].carried ? (unsigned)wanted : places[c].carried;
}

unsigned places_free(enum channel c)
{
  unsigned all = places_all(c);
  return all > places[c].taken ? all - places[c].taken : 0;
}
