#include <string.h>

#include <skalibs/types.h>

#include "sql_text.h"

void sql_text_begin(struct sql_text *to)
{
  memset(to, 0, sizeof *to);
}

void sql_text_put(struct sql_text *to, char const *s, size_t len)
{
  if (to->len + len >= sizeof to->text) return;
  memcpy(to->text + to->len, s, len);
  to->len += len;
}

void sql_text_value(struct sql_text *to, char letter, struct sql_style const *style)
{
  char mark[UINT_FMT + 1] = "?";
  size_t len = 1;
  if (to->count == SQL_VALUES_MAX) return;
  to->values[to->count++] = letter;
  if (style->has_numbered_marks) {
    mark[0] = '$';
    len += uint_fmt(mark + 1, (unsigned)to->count);
  }
  sql_text_put(to, mark, len);
}

void sql_text_name(struct sql_text *to, char const *name, struct sql_style const *style)
{
  sql_text_put(to, &style->quote, 1);
  sql_text_put(to, name, strlen(name));
  sql_text_put(to, &style->quote, 1);
}
