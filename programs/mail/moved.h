/* moved: people who are somewhere else now, by control/moved: lines "user@host:newuser@newhost". */

#ifndef MAILTREE_MOVED_H
#define MAILTREE_MOVED_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { MOVED_MAX = 400 };     /* bytes of an address that are told */

/* What those are told who write to one, without the code. 1, or 0 without memory. */
int moved_sentence(stralloc *to, struct field address, struct field now);

/* Where the address is now, by the lines of the file. False: nobody of that name has moved. */
bool moved_find(struct field *now, char const *lines, size_t len, struct field address);

#endif
