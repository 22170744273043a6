/* sql: one library that speaks with a database, as a structure of functions. All values go to it and come from it as
   text, beside the statement and never in it.

   A function that is SQL_TROUBLE, or false, sets errno to what a helper tells its client, and sql_said() has the library's words
   for the log. */

#ifndef MAILTREE_SQLSTORE_SQL_H
#define MAILTREE_SQLSTORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "server_line.h"
#include "sql_style.h"

enum {
  SQL_VALUES_MAX = 128,       /* of a statement: four of each row of those that have many */
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
  struct sql_style const *style;
  bool (*enter)(struct server_line const *line, enum sql_purpose purpose);
  bool (*is_well)(void);                                    /* of a connection that was idle; no round trip */
  void (*disconnect)(void);                                 /* forgets the statements as well */
  bool (*command)(char const *text);                        /* a text that has no values */
  void *(*prepare)(char const *text);
  enum sql_result (*run)(void *statement, struct sql_run *r);
  void (*forget)(void *statement);
};

/* Who names one is linked with its library. */
extern struct sql const sql_mysql, sql_pgsql, sql_sqlite;

/* What went wrong, in one line. */
void sql_note(char const *words);
char const *sql_said(void);

/* Of a connection that was idle: a server that has ended has hung up, and one that says something unasked says that it ends. */
bool sql_is_quiet(int fd);

#endif
