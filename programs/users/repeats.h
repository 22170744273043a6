/* repeats: which lines of a table say again what an earlier line has said. */

#ifndef MAILTREE_USERS_REPEATS_H
#define MAILTREE_USERS_REPEATS_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

struct repeats { stralloc keys, lines; };
#define REPEATS_ZERO { STRALLOC_ZERO, STRALLOC_ZERO }

/* Lines come in their order. 1, or 0 without memory. */
int repeats_add(struct repeats *r, char const *key, size_t len, uint64_t line);

/* Tells of each line that repeats another, and which was the first. */
void repeats_tell(struct repeats *r, void (*tell)(uint64_t line, uint64_t first));

#endif
