/* turn_places: lines of control/atrn, by which who has logged in may have mail sent that waits in HOME/serialmail:

     LOGIN:DOMAIN DOMAIN:HOST ...

   DOMAIN waits in serialmail/DOMAIN, or in serialmail/HOST. Pure. */

#ifndef MAILTREE_TURN_PLACES_H
#define MAILTREE_TURN_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { TURN_PLACES_MAX = 100 };        /* directories of one call: for each there is a process */

struct turn_place { struct field domain, host; };

/* The next word behind a login's colon. 1; 0 at the end; -1: the word is none, and says nothing. */
int turn_place_next(struct field *rest, struct turn_place *p);

/* Replaces *hosts by where mail for these domains waits, each once, with a NUL behind it; for an empty list of domains, all there is.
   1; 0: a domain is not among them, or there is none; -1 without memory. */
int turn_places(stralloc *hosts, struct field words, struct field domains);

/* How many these are. */
size_t turn_places_count(stralloc const *hosts);

/* Whether a line, LOGIN and all, names this host. */
bool turn_place_is_named(struct field words, char const *host);

#endif
