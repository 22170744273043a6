#include "send.h"
#include "send_places.h"

struct places places[CHANNELS];

unsigned places_all(enum channel c)
{
  unsigned long wanted = settings.concurrency[c];
  return wanted < places[c].carried ? (unsigned)wanted : places[c].carried;
}

static unsigned left(unsigned all, unsigned taken)
{
  return all > taken ? all - taken : 0;
}

static unsigned least(unsigned a, unsigned b)
{
  return a < b ? a : b;
}

unsigned places_free(enum channel c)
{
  unsigned all = places_all(c);
  unsigned commands = least(PLACES_WIDER * all, places[c].carried);
  return least(left(all, places[c].taken - places[c].light), left(commands, places[c].taken));
}
