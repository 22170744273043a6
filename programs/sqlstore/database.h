/* database: the users of virtual domains in a database: its tables, and what is asked of them, by the connection (connection.h) of
   this process. */

#ifndef MAILTREE_SQLSTORE_DATABASE_H
#define MAILTREE_SQLSTORE_DATABASE_H

#include "sql_users.h"
#include "statement.h"

/* Once. */
void database_use(struct sql_users const *users);

/* Whether it can be asked for this. False with errno. */
bool database_ready(enum sql_purpose purpose);

/* Looks for tables again that somebody else may have made; false when that was done just now, or cannot be. */
bool database_look_again(void);

/* The same at once. */
bool database_look(void);

/* Where the users of this domain are. False: nowhere. */
bool database_table(struct statement_table *to, struct field domain);

/* That of all domains. False: there is none. */
bool database_common_table(struct statement_table *to);

/* Calls each() for all tables of users, until it returns false; then false as well. */
bool database_each_table(bool (*each)(void *with, struct statement_table const *table), void *with);

/* Whether there is a connection that has given no trouble. */
bool database_is_connected(void);

/* Whether a name with capitals is another one. */
bool database_tells_case(void);

/* Makes the table of all domains, and looks for tables again. False with errno. */
bool database_make_table(void);

struct database_task {
  enum statement_kind kind;
  struct statement_table const *table;
  struct vpasswd const *record;
  struct field domain;
  sql_row *row;               /* or null */
  void *with;
};

/* Affected: how many rows it met. On SQL_TROUBLE, errno; the connection is given up. */
enum sql_result database_run(struct database_task const *task, uint64_t *affected);

/* With what was said last. */
void database_warn(char const *what);

/* False with errno; the connection is given up. */
bool database_begin(void);
bool database_commit(void);
void database_roll_back(void);

#endif
