/* penalty: who has tried wrong passwords, by address, and what he waits for it. An address of IPv6 is its /64. Pure: the
   table lies in memory that the workers share, and whoever looks into it has its lock.

   A wrong password is answered the later the more of them came; from `most` on the address is in the box: no password of it
   is looked at for a minute, after the next wrong one for two, and so on up to an hour. The same wrong password again, as
   from a telephone that nobody has told the new one, is answered later and later, too, but brings nobody into the box. Two hours after the last one, or
   after the box, all is forgotten. What comes from more addresses than there is room for pushes those out who have tried
   least. */

#ifndef MAILTREE_AUTH_PENALTY_H
#define MAILTREE_AUTH_PENALTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "network.h"

enum {
  PENALTY_KEY = 32,
  PENALTY_SETS = 1024,
  PENALTY_WAYS = 8,
  PENALTY_SEEN = 4,             /* wrong passwords that are known again */
  PENALTY_DELAY = 2,            /* seconds a wrong password is answered later */
  PENALTY_DELAY_MAX = 10,
  PENALTY_BOX = 60,             /* seconds */
  PENALTY_BOX_MAX = 3600,
  PENALTY_MEMORY = 7200
};

struct penalty_entry {
  struct network net;
  uint32_t failures;            /* different ones; 0: free */
  uint32_t repeats;             /* those that were seen before */
  time_t last, until;
  uint64_t seen[PENALTY_SEEN];
};

struct penalty {
  char key[PENALTY_KEY];        /* random, set before the first use: nobody can choose addresses that share a set */
  struct penalty_entry entries[PENALTY_SETS][PENALTY_WAYS];
};

/* Under which name an address stands in the table. */
void penalty_name(struct network *address);

/* Seconds for which no password of it is looked at. */
unsigned penalty_wait(struct penalty *p, struct network const *name, time_t now);

/* A wrong one has come, of which the mark tells whether it is the same as another. The seconds for which it is now in the
   box are in *boxed, 0 when it is not, or was already; those after which to answer are returned. most 0: nobody gets there. */
unsigned penalty_failed(struct penalty *p, struct network const *name, uint64_t mark, unsigned long most, time_t now,
                        unsigned *boxed);

/* The next that has something to wait for, *at counting on from 0; null at the end. */
struct penalty_entry *penalty_next(struct penalty *p, size_t *at, time_t now);

/* Forgets it, or all for a null name. How many had to wait. */
size_t penalty_forget(struct penalty *p, struct network const *name, time_t now);

#endif
