/* domain_slot: where below BASE/domains the directory of a domain stands: BASE/domains[/SLOT]/NAME, by the same rule by which
   homes stand in a domain (dir_control.h). */

#ifndef MAILTREE_VDOMAINS_DOMAIN_SLOT_H
#define MAILTREE_VDOMAINS_DOMAIN_SLOT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "dir_control.h"
#include "domain.h"

struct domain_slot {
  int domains;                      /* the directory of all domains of this base */
  char slot[DIR_CONTROL_DIR];       /* below it */
  stralloc place;                   /* the path of the two together */
};
#define DOMAIN_SLOT_ZERO { -1, "", STRALLOC_ZERO }

/* Takes the next one; really, or only to say which it would be. Refuses when it cannot. */
void domain_slot_take(struct domain_slot *slot, char const *base, bool really);

/* The directory itself, made where it is missing; -1 with errno. */
int domain_slot_open(struct domain_slot const *slot);

/* It has not come to be. */
void domain_slot_give_back(struct domain_slot const *slot);

/* Whether the domain's directory has the domain's name. A line that somebody wrote by hand may lead to a home that holds more
   than this domain. */
bool domain_slot_is_its_own(struct domain const *domain);

/* Tells who has made a domain of vpopmail's in a place where it had none, outside of its home, that the service, which writes only
   where it knew of domains when it started, has to start anew. */
void domain_slot_tell(struct domain const *domain);

/* The domain's directory is no longer where it was: the next domain may have the place. Where none was counted there is none
   to give back; trouble is one warning. */
void domain_slot_left(struct domain const *domain);

#endif
