/* cdb_records: all records of a constant database in the order in which they were put in, from its bytes, which anybody
   may have written. Pure. */

#ifndef MAILTREE_CDB_RECORDS_H
#define MAILTREE_CDB_RECORDS_H

#include <stddef.h>

#include "fields.h"

enum cdb_records_result { CDB_RECORDS_ONE, CDB_RECORDS_END, CDB_RECORDS_DAMAGED };

/* Reads the record at *at, which is 0 at first, and moves *at behind it. Key and value point into the bytes. */
enum cdb_records_result cdb_records_next(struct field *key, struct field *value, char const *s, size_t len, size_t *at);

#endif
