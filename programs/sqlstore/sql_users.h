/* sql_users: what the users of virtual domains are in the words of one library: where it is entered, and the texts of its own. */

#ifndef MAILTREE_SQLSTORE_SQL_USERS_H
#define MAILTREE_SQLSTORE_SQL_USERS_H

#include "sql.h"

struct sql_users {
  char const *name;           /* the store's */
  struct sql const *sql;
  bool tells_case;            /* a name with capitals is another one */
  char const *tables;         /* selects (table, column) of all columns that are named pw_name, pw_domain, pw_clear_passwd */
  char const *create;         /* makes the table vpopmail */
  char const *check_columns;  /* selects (table, column, characters it takes or 0), table after table */
  char const *check_keys;     /* selects tables of users that have no unique key of their names */
  char const *check_rights;   /* selects (right, empty or, of one that the user should not have, not); null: there are none */
  char const *widen, *widen_to;                             /* before a column whose type changes, and before the type */
  bool (*place_fault)(char const **what, char const **todo);  /* of what the server is not asked; null: nothing */
  bool (*connect)(enum sql_purpose purpose);
  bool (*is_split)(void);                                   /* whether it is read elsewhere than it is changed; null: never */
};

#endif
