/* cdb_at: a record of a constant database, looked up in its open file, which anybody may have written and may be changing.
   Three readings, for a file of any size. */

#ifndef MAILTREE_CDB_AT_H
#define MAILTREE_CDB_AT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends the value of the first record with this key, which may lie in *to. 1, 0 when there is none, -1 with errno: EPROTO when what is in the way
   is damaged, or the value has more than max bytes. */
int cdb_at_find(stralloc *to, int fd, char const *key, size_t len, size_t max);

#endif
