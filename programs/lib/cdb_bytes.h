/* cdb_bytes: a record of a constant database, looked up in its bytes, which anybody may have written. Pure. */

#ifndef MAILTREE_CDB_BYTES_H
#define MAILTREE_CDB_BYTES_H

#include <stddef.h>

#include "fields.h"

/* The value of the first record with this key; it points into the bytes. 1, 0 when there is none, -1 when what is in the way
   is damaged. */
int cdb_bytes_find(struct field *value, char const *s, size_t len, char const *key, size_t key_len);

#endif
