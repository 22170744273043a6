#include <string.h>

#include "list_lines.h"

bool list_line_any(struct field *line, struct field *rest)
{
  if (!rest->len) return false;
  char const *end = memchr(rest->s, '\n', rest->len);
  *line = (struct field){ rest->s, end ? (size_t)(end - rest->s) : rest->len };
  rest->s += line->len + (end != 0);
  rest->len -= line->len + (end != 0);
  return true;
}

bool list_line_next(struct field *line, struct field *rest)
{
  while (list_line_any(line, rest)) {
    if (line->len && *line->s == '#') continue;
    while (line->len && strchr(" \t\r", line->s[line->len - 1])) line->len--;
    if (line->len) return true;
  }
  return false;
}
