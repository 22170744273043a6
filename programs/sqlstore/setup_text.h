/* setup_text: the statements that make our table and its users, for the client of a server: psql, mariadb, sqlite3. Run again
   they change nothing, but for the passwords. Pure. */

#ifndef MAILTREE_SQLSTORE_SETUP_TEXT_H
#define MAILTREE_SQLSTORE_SETUP_TEXT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "server_line.h"

enum setup_kind { SETUP_SQLITE, SETUP_MYSQL, SETUP_PGSQL };

/* For who changes, and for who reads; null: that is the same, or nobody for SQLite. Appends. False, and *fault says why, for a
   name that cannot stand in a statement as it is, or (with errno) without memory. */
bool setup_text(stralloc *to, char const **fault, enum setup_kind kind, struct server_line const *changes, struct server_line const *reads);

#endif
