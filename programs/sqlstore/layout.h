/* layout: which tables of users a database has. Pure. */

#ifndef MAILTREE_SQLSTORE_LAYOUT_H
#define MAILTREE_SQLSTORE_LAYOUT_H

#include "nameset.h"
#include "statement.h"

struct layout {
  stralloc text;            /* lines table:letters, while it is read */
  struct nameset tables;
};
#define LAYOUT_ZERO { STRALLOC_ZERO, NAMESET_ZERO }

/* Begins anew; then each column that a table has, those of one table one after the other; then it is settled. False without
   memory. */
void layout_begin(struct layout *layout);
bool layout_add(struct layout *layout, struct field table, struct field column);
bool layout_settle(struct layout *layout);

/* Where the users of this domain are: in its own table if it has one, else in that of all. False: there is neither. */
bool layout_find(struct layout const *layout, struct statement_table *to, struct field domain);

/* The table of all domains, if there is it. */
bool layout_common(struct layout const *layout, struct statement_table *to);

/* The next one of what layout_lines was: call with *at 0 first. False: no more. */
bool layout_next(struct statement_table *to, struct field lines, size_t *at);
struct field layout_lines(struct layout const *layout);

#endif
