/* sql_text: the text of a statement while it is put together, and which value stands at each of its marks. Pure. */

#ifndef MAILTREE_SQLSTORE_SQL_TEXT_H
#define MAILTREE_SQLSTORE_SQL_TEXT_H

#include "connection.h"

struct sql_text {
  char text[CONNECTION_TEXT_SIZE];
  char values[SQL_VALUES_MAX + 1];      /* a letter for each */
  size_t len, count;
};

void sql_text_begin(struct sql_text *to);

/* What does not fit is left out: the longest of all texts fits. */
void sql_text_put(struct sql_text *to, char const *s, size_t len);
void sql_text_value(struct sql_text *to, char letter, struct sql_style const *style);
void sql_text_name(struct sql_text *to, char const *name, struct sql_style const *style);

#endif
