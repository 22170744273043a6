/* route: where a recipient goes, by locals, virtualdomains, percenthack and envnoathost.

   The one place that knows; whoever delivers and whoever asks beforehand get the same answer.
   qmail-send(8), control files locals, virtualdomains and percenthack. */

#ifndef MAILTREE_ROUTE_H
#define MAILTREE_ROUTE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "nameset.h"

enum channel { CHANNEL_LOCAL, CHANNEL_REMOTE, CHANNELS };

struct route_table {
  stralloc envnoathost;
  struct nameset locals;
  struct nameset percenthack;
  struct nameset virtualdomains;    /* a map, or its lines, not yet made into one */
};

/* Loads envnoathost, locals (needed, or me), percenthack and virtualdomains; results as control_load. A table
   already in use keeps its old contents when this fails. Working directory: HOME. */
int route_load(struct route_table *table, char const **culprit);

/* The same for a caller with few questions: virtualdomains stays as it is and is read through for each. Making a map of
   100 000 lines costs more than ten such questions. */
int route_load_text(struct route_table *table, char const **culprit);

/* Makes the map that route_load_text has spared; a cdb is one already. 1, or 0 without memory. */
int route_make_map(struct route_table *table);

/* Replaces *address by the rewritten recipient ("V-user@domain" for a virtual domain; a domain beyond ASCII as DNS has it,
   and here the box in the form in which it is looked for: address_utf8.h) and returns the channel; -1 without memory, or with a damaged cdb of virtualdomains. */
int route(struct route_table const *table, stralloc *address, char const *recipient, size_t len);

/* The same, and where the cdb is damaged, by the text from now on. -1 without memory, or when that cannot be read. */
int route_surely(struct route_table *table, stralloc *address, char const *recipient, size_t len);

/* How many bytes of the address that route() made are the "V-" of a virtual domain; 0 for one of locals. (For a single
   address of virtualdomains whose domain has a line of its own it may be 0, too.) */
size_t route_prefix(struct route_table const *table, char const *address, size_t len);

void route_free(struct route_table *table);

#endif
