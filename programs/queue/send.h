/* send: what the parts of qmail-send share. */

#ifndef MAILTREE_SEND_H
#define MAILTREE_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "nameset.h"
#include "route.h"
#include "sending_identity.h"

enum { RETRY_AFTER_TROUBLE = 123 };     /* seconds, after a failure of our own machine */

struct settings {
  stralloc bouncefrom, bouncehost, bounceformat, bouncecopyto;
  stralloc doublebounceto, doublebouncehost;
  stralloc breakchars;
  unsigned long concurrency[CHANNELS], concurrencydestination;
  unsigned long queuelifetime, queuewarning, bouncemaxbytes, timeoutstop, loghash;
  struct nameset destinationrecipients;   /* domain:number */
  struct nameset destinationconnections;  /* the same */
  struct nameset destinationrate;         /* domain:number/seconds */
  struct nameset destinationschedule;     /* domain:lifetime:first:longest */
  struct nameset holdremote;              /* domains whose mail waits until it is called for */
  struct sending_identities identities;
};

extern struct settings settings;
extern struct route_table routes;

extern unsigned tables_read;  /* how often all of them have been */

extern uint64_t now;        /* seconds, read once a turn of the loop (send_clock.h) */
extern bool stopping;       /* no new deliveries; the end is near (send_stop.h) */

/* All control files anew; the working directory is HOME. On 0 nothing changed, *culprit names the file. */
int settings_load(char const **culprit);

#endif
