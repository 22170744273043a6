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

/* Does what the frame says: add, remove, note, begin, commit, make, drop. *number: of how many it was true. Between begin and commit all
   is one transaction; else each change and its line in the log are. */
enum sql_result table_do(struct table_frame const *what, uint32_t *number);

#endif
