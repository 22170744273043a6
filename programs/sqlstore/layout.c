#include <string.h>

#include "bytes.h"
#include "layout.h"

/* A letter for a column that a table has. */
static struct { char const *name; char letter; } const columns[] = {
  { "pw_name", 'n' }, { "pw_domain", 'd' }, { "pw_clear_passwd", 'x' }
};

void layout_begin(struct layout *layout)
{
  layout->text.len = 0;
}

static char letter_of(struct field column)
{
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    if (strlen(columns[i].name) == column.len && nameset_same(columns[i].name, column.s, column.len)) return columns[i].letter;
  return 0;
}

/* Whether the last line is about it. */
static bool is_of_last(stralloc const *text, struct field table)
{
  char const *newline = text->len ? memrchr(text->s, '\n', text->len) : 0;
  size_t const at = newline ? (size_t)(newline - text->s) + 1 : 0;
  return text->len - at > table.len && !memcmp(text->s + at, table.s, table.len) && text->s[at + table.len] == ':';
}

bool layout_add(struct layout *layout, struct field table, struct field column)
{
  stralloc *text = &layout->text;
  char const letter = letter_of(column);
  if (!letter || !table.len || memchr(table.s, ':', table.len) || memchr(table.s, '\n', table.len)) return true;
  if (is_of_last(text, table)) return bytes_addc(text, letter);
  return (!text->len || bytes_addc(text, '\n')) && bytes_addb(text, table.s, table.len) && bytes_addc(text, ':')
      && bytes_addc(text, letter);
}

bool layout_settle(struct layout *layout)
{
  return nameset_map(&layout->tables, layout->text.s ? layout->text.s : "", layout->text.len);
}

static bool find(struct layout const *layout, struct statement_table *to, bool is_of_one_domain)
{
  size_t len = 0;
  char const *letters = nameset_value(&layout->tables, to->name, strlen(to->name), &len);
  if (!letters || !memchr(letters, 'n', len) || !memchr(letters, 'd', len) != is_of_one_domain) return false;
  to->is_of_one_domain = is_of_one_domain;
  to->has_clear = memchr(letters, 'x', len);
  return true;
}

bool layout_find(struct layout const *layout, struct statement_table *to, struct field domain)
{
  if (!statement_table_name(to->name, domain)) return false;
  if (find(layout, to, true)) return true;
  memcpy(to->name, STATEMENT_TABLE, sizeof STATEMENT_TABLE);
  return find(layout, to, false);
}
