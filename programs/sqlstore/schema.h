/* schema: the table that we write, in the words of each server, and what must be there for us to work. */

#ifndef MAILTREE_SQLSTORE_SCHEMA_H
#define MAILTREE_SQLSTORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

/* Makes it where it is not there. */
extern char const schema_mysql[], schema_pgsql[], schema_sqlite[];

#define SCHEMA_RIGHTS "SELECT, INSERT, UPDATE, DELETE"

struct schema_column {
  char const *name, *type;
  size_t least;               /* characters it must take; 0: any */
  bool may_be_missing;
};

enum { SCHEMA_DOMAIN = 1, SCHEMA_COLUMNS = 9 };     /* the column that a table of one domain has not */
extern struct schema_column const schema_columns[SCHEMA_COLUMNS];

#endif
