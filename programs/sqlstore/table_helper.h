/* table_helper: what all helpers are that have the subscribers of mailing lists in a database: a child of the program of a list that
   asks, with a socket to it as its descriptors 0 and 1 (table_wire.h), in the list's directory and as its owner. */

#ifndef MAILTREE_SQLSTORE_TABLE_HELPER_H
#define MAILTREE_SQLSTORE_TABLE_HELPER_H

#include "table_sql.h"

/* The life of the program, and how it ends. */
int table_helper_main(int argc, char const *const *argv, struct table_sql const *table, struct sql const *sql);

#endif
