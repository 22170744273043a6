/* verb_show: queued messages in words, on standard output. Out of memory, or unable to write, the program ends. */

#ifndef MAILTREE_VERB_SHOW_H
#define MAILTREE_VERB_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"
#include "verb_wire.h"

/* How to look at a message. */
struct verb_view {
  uint64_t now;
  bool json, reasons;         /* in a list */
  bool under_way;             /* what qmail-send says of one that is due: a delivery runs */
  uint64_t wait;              /* or it is tried in so many seconds all the same, */
  char rate[VERB_RATE_MAX + 1];         /* if this is not empty because of the rate of that domain */
};

/* Whether its file says that it is to be tried now. */
bool verb_show_is_due(struct report const *r, uint64_t time);

/* A line, with reasons more of them, or an object on a line. */
void verb_list(struct report const *r, struct verb_view const *v);

/* All that is known, and the header, or the whole message. False when something could not be read, which is told. */
bool verb_show(struct report const *r, bool whole, struct verb_view const *v);

#endif
