/* columnt: a table whose columns are told by blanks, with its columns made straight. Pure. */

#ifndef MAILTREE_COLUMNT_H
#define MAILTREE_COLUMNT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* All columns but the last to the right, two blanks between. A row with fewer words ends with a column of the middle, and so
   with two blanks. Appends to to. */
void columnt(stralloc *to, char const *s, size_t len);

#endif
