/* crossing: a file of archive/subjects or archive/authors: a line of what it is about, then a line for each message, by number. */

#ifndef MAILTREE_LISTS_CROSSING_H
#define MAILTREE_LISTS_CROSSING_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

enum { CROSSING_MAX = 1 << 26 };

/* Puts the line of a message, "NUMBER:...\n", into the file that belongs to the hash below the directory, which is made with this
   head, "HASH ...\n", where there is none. Another line of that number goes. What is
   torn since it was not synced is mended by the next line. False with errno; then path says what. */
struct crossing { char const *directory; struct field hash, head; };
bool crossing_put(struct crossing const *c, uint64_t number, struct field line, char path[64]);

#endif
