/* table_changes: what is asked and changed in a list's tables of subscribers, by the connection of this process. */

#ifndef MAILTREE_SQLSTORE_TABLE_CHANGES_H
#define MAILTREE_SQLSTORE_TABLE_CHANGES_H

#include "table_sql.h"
#include "table_wire.h"

/* Once: the words, and the name that all tables of the list begin with. */
void table_changes_in(struct table_sql const *table, char const *root);

/* Hands each row that answers the frame find, each or log; of count *number is how many. False with errno: row has said so, or there is
   trouble. */
enum sql_result table_ask(struct table_frame const *question, bool (*row)(struct field address), uint32_t *number);

/* How one of them ended: SQL_DONE or SQL_UNFIT, and whether it was changed. False: nobody hears it. */
typedef bool table_told(enum sql_result r, uint32_t changed);

/* Adds or removes, up to TABLE_TOGETHER, all of one word and one table, and tells of each in their order. What is unfit keeps nobody else
   out. Between begin and commit all is one transaction; else each change and its line in the log are. SQL_TROUBLE, with errno: those that
   were not told of are not done, and between begin and commit nothing is. */
enum sql_result table_change(struct table_frame const *whats, size_t count, table_told *told);

/* Does what the frame says: note, begin, commit, make, drop. */
enum sql_result table_do(struct table_frame const *what);

#endif
