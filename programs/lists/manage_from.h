/* manage_from: how somebody called himself who waits for a moderator, so that the log can tell when he is let in.

   DIR/from has a line "TIME ADDRESS" NUL "text of From" for each who has waited no longer than a confirmation is valid. */

#ifndef MAILTREE_MANAGE_FROM_H
#define MAILTREE_MANAGE_FROM_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { MANAGE_FROM_MAX = 1 << 16 };     /* bytes of the file; the oldest go */

/* The text of that time and address. Appends. False: there is none. Pure. */
bool manage_from_find(stralloc *to, struct field lines, uint64_t when, struct field address);

/* The lines that stay, and a new one. Replaces *to. Pure. */
void manage_from_lines(stralloc *to, struct field lines, uint64_t now, struct field address, struct field from);

/* The same of DIR/from; the caller holds the list's lock to add. Failure is a warning: a comment will be missing in the log. */
bool manage_from_look(stralloc *to, uint64_t when, struct field address);
void manage_from_add(uint64_t now, struct field address, struct field from);

#endif
