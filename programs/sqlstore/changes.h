/* changes: what is asked to be done with users, in one transaction. */

#ifndef MAILTREE_SQLSTORE_CHANGES_H
#define MAILTREE_SQLSTORE_CHANGES_H

#include <stdbool.h>

#include "statement.h"
#include "store.h"

/* Of one domain at a time. */
struct sql_changes {
  struct field domain;
  struct statement_table table;
};

/* Where the users of the domain that is asked about are. False with errno: nowhere; or in a table of its own, and the domain is
   another account's. The name of such a table may be that of several domains, and of the others he may know nothing. */
bool changes_table(struct statement_table *to, struct field domain);

/* Where none is to be done, the table is made if it is missing. */
enum store_result changes_begin(struct sql_changes *c, struct field domain, uint32_t count);
enum store_result changes_do(struct sql_changes *c, struct store_edit const *edit);
enum store_result changes_end(void);
void changes_forget(void);

/* The user as he is in the table: in lower case he has just this name. He lies in memory that the next call uses again. */
enum store_result changes_find(struct vpasswd *record, struct statement_table const *table, struct field domain, struct field name,
                               enum statement_kind kind);

#endif
