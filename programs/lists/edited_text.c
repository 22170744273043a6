#include <string.h>

#include "edited_text.h"
#include "list_lines.h"
#include "text.h"

static bool has(struct field line, struct field mark, size_t *at)
{
  char const *found = mark.len && line.len ? memmem(line.s, line.len, mark.s, mark.len) : 0;
  if (found && at) *at = (size_t)(found - line.s);
  return found;
}

/* What stands before "%%% MARK", or before the mark. */
static struct field quote_of(struct field line, size_t mark)
{
  while (mark && (line.s[mark - 1] == '%' || line.s[mark - 1] == ' ')) {
    if (line.s[mark - 1] == ' ' && !(mark > 1 && line.s[mark - 2] == '%')) break;
    mark--;
  }
  return (struct field){ line.s, mark };
}

/* An empty line of a quotation has often lost the blank at its end. */
static struct field unquoted(struct field line, struct field quote)
{
  while (quote.len > line.len && strchr(" \t", quote.s[quote.len - 1])) quote.len--;
  if (line.len >= quote.len && !memcmp(line.s, quote.s, quote.len)) line.s += quote.len, line.len -= quote.len;
  return line;
}

enum edited_text edited_text_read(stralloc *to, struct field body, struct edited_marks const *marks)
{
  struct field line, quote;
  size_t const was = to->len;
  size_t at;
  do if (!list_line_any(&line, &body)) return EDITED_TEXT_NO_MARK;
  while (!has(line, marks->start, &at));
  quote = quote_of(line, at);
  while (list_line_any(&line, &body)) {
    if (has(line, marks->end, 0)) return EDITED_TEXT_OK;
    if (line.len && line.s[line.len - 1] == '\r') line.len--;
    line = unquoted(line, quote);
    text_addb(to, line.s, line.len);
    text_add(to, "\n");
    if (to->len - was > EDITED_TEXT_MAX) return EDITED_TEXT_TOO_LONG;
  }
  return EDITED_TEXT_NO_MARK;
}
