/* statement: the few statements there are, for a table of either kind, in the words of any library. Pure.

   vpopmail keeps the users of all domains in one table, or those of each domain in a table of its own, whose name is that
   of the domain with '_' for '.' and '-'. The column for the clear password may be missing from either. */

#ifndef MAILTREE_SQLSTORE_STATEMENT_H
#define MAILTREE_SQLSTORE_STATEMENT_H

#include "sql_text.h"
#include "vpasswd.h"

#define STATEMENT_TABLE "vpopmail"

enum { STATEMENT_DOMAIN_MAX = 255 };

enum statement_kind {
  STATEMENT_FIND,
  STATEMENT_FIND_TO_CHANGE,
  STATEMENT_LIST,
  STATEMENT_ALL,              /* of all domains: the name of his is behind each record */
  STATEMENT_INSERT,
  STATEMENT_UPDATE,
  STATEMENT_DELETE,
  STATEMENT_KINDS
};

struct statement_table {
  char name[STATEMENT_DOMAIN_MAX + 1];
  bool is_of_one_domain, has_clear;
};

/* The name of the table that a domain would have for itself. False for what can be none: then the domain is in none. */
bool statement_table_name(char to[STATEMENT_DOMAIN_MAX + 1], struct field domain);

void statement_make(struct sql_text *to, enum statement_kind kind, struct sql_style const *style, struct statement_table const *table);

/* What the letters stand for, in their order; numbers lie in digits. How many. */
struct statement_digits { char uid[16], flags[16]; };
size_t statement_values(struct field values[SQL_VALUES_MAX], struct sql_text const *s, struct vpasswd const *record,
                        struct field domain, struct statement_digits *digits);

/* A row of what FIND and LIST select; it lies in the columns. False for a number that is none. */
bool statement_record(struct vpasswd *record, struct field const *columns, size_t count);

#endif
