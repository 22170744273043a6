/* table_sql: the tables of subscribers of mailing lists in the words of each library: their columns, and the few statements there are.
   A table is named ROOT or ROOT_NAME, its log ROOT_slog or ROOT_NAME_slog. Pure. */

#ifndef MAILTREE_SQLSTORE_TABLE_SQL_H
#define MAILTREE_SQLSTORE_TABLE_SQL_H

#include "sql_text.h"
#include "subdb.h"

enum { TABLE_ADDRESS_MAX = 255 };       /* characters that a column of an address takes */

struct table_sql {
  enum subdb_kind kind;
  struct sql_style const *style;
  bool lowers_names;          /* as a server does with names that are not quoted, such as those of the family's other programs */
  char const *begin;          /* a transaction, in place of the style's; or null */
  char const *find;           /* which rows may have the address, case aside, or not even that */
  char const *find_all[2];    /* the same of many addresses: what is compared of a row, and with what of each */
  char const *exactly;        /* which have this one */
  char const *once;           /* behind an INSERT: what is there already is no error */
  char const *now, *seconds;  /* for the log's tai, and out of it */
  char const *const *make;    /* the statements that make one table and its log, the posts' last; null ends it */
};

extern struct table_sql const table_mysql, table_pgsql, table_sqlite;

enum table_kind {
  TABLE_FIND, TABLE_FIND_TO_CHANGE, TABLE_EACH, TABLE_COUNT, TABLE_ADD, TABLE_REMOVE, TABLE_NOTE, TABLE_LOG, TABLE_COOKIE, TABLE_POST,
  TABLE_KINDS
};

/* name: "" the list's own table, "digest"; both have been looked at with subdb_is_table. rows: how many addresses TABLE_FIND_TO_CHANGE
   finds, TABLE_ADD adds, TABLE_NOTE notes, 32 at most; their values stand row by row. Of others 1. */
void table_statement(struct sql_text *to, enum table_kind kind, struct table_sql const *t, char const *root, char const *name, size_t rows);

/* The statements that make, or drop, all tables of a list, one with each call: *step is 0 first. False: no more. */
bool table_make_next(struct sql_text *to, struct table_sql const *t, char const *root, unsigned *step);
bool table_drop_next(struct sql_text *to, struct table_sql const *t, char const *root, unsigned *step);

#endif
