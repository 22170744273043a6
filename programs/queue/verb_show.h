/* verb_show: queued messages in words, on standard output. Out of memory, or unable to write, the program ends. */

#ifndef MAILTREE_VERB_SHOW_H
#define MAILTREE_VERB_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"

/* A line, or an object on a line. */
void verb_list(struct report const *r, bool json, uint64_t time);

/* All that is known, and the header, or the whole message. False when something could not be read, which is told. */
bool verb_show(struct report const *r, bool whole, uint64_t time);

#endif
