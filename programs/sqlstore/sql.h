/* sql: one library that speaks with a database, as a structure of functions. All values go to it and come from it as
   text, beside the statement and never in it.

   A function that is SQL_TROUBLE, or false, sets errno to what a helper tells its client, and said() has the library's words
   for the log. */

#ifndef MAILTREE_SQLSTORE_SQL_H
#define MAILTREE_SQLSTORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum {
  SQL_VALUES_MAX = 12,        /* of a statement */
  SQL_COLUMNS_MAX = 8         /* of a row */
};

enum sql_result {
  SQL_DONE,
  SQL_TWICE,                  /* a row of that key is there */
  SQL_UNFIT,                  /* a value that the column does not take */
  SQL_TROUBLE
};

/* Values that are NULL have length 0. Whether more rows are wanted. */
typedef bool sql_row(void *with, struct field const *columns, size_t count);

struct sql_run {
  struct field const *values;
  size_t values_count;
  sql_row *row;               /* or null */
  void *with;
  uint64_t affected;          /* how many rows were changed, or met */
};

enum sql_purpose {
  SQL_TO_READ,
  SQL_TO_CHANGE,
  SQL_TO_MAKE                 /* what is not there yet; to change as well */
};

struct sql {
  char const *name;           /* the store's */
  char quote;                 /* around the name of a table */
  bool has_numbered_marks;    /* $1, $2; else ? */
  bool tells_case;            /* a name with capitals is another one */
  char const *for_update;     /* behind a SELECT of what is about to be changed */
  char const *begin;          /* a transaction in which nobody else changes what is read */
  char const *tables;         /* selects (table, column) of all columns that are named pw_name, pw_domain, pw_clear_passwd */
  char const *create;         /* makes the table vpopmail */
  char const *check_columns;  /* selects (table, column, characters it takes or 0), table after table */
  char const *check_keys;     /* selects tables of users that have no unique key of their names */
  char const *check_rights;   /* selects (right, empty or, of one that the user should not have, not); null: there are none */
  char const *widen, *widen_to;                             /* before a column whose type changes, and before the type */
  bool (*place_fault)(char const **what, char const **todo);  /* of what the server is not asked; null: nothing */
  bool (*connect)(enum sql_purpose purpose);
  bool (*is_split)(void);                                   /* whether it is read elsewhere than it is changed; null: never */
  bool (*is_well)(void);                                    /* of a connection that was idle; no round trip */
  void (*disconnect)(void);                                 /* forgets the statements as well */
  bool (*command)(char const *text);                        /* a constant text that has no values */
  void *(*prepare)(char const *text);
  enum sql_result (*run)(void *statement, struct sql_run *r);
  void (*forget)(void *statement);
  char const *(*said)(void);
};

#endif
