/* sql_style: how statements are written for a server. */

#ifndef MAILTREE_SQLSTORE_SQL_STYLE_H
#define MAILTREE_SQLSTORE_SQL_STYLE_H

#include <stdbool.h>

struct sql_style {
  char quote;                 /* around the name of a table */
  bool has_numbered_marks;    /* $1, $2; else ? */
  char const *for_update;     /* behind a SELECT of what is about to be changed */
  char const *begin;          /* a transaction in which nobody else changes what is read */
};

extern struct sql_style const sql_style_mysql, sql_style_pgsql, sql_style_sqlite;

#endif
