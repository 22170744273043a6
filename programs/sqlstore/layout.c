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

static bool describe(struct statement_table *to, char const *letters, size_t len)
{
  to->is_of_one_domain = !memchr(letters, 'd', len);
  to->has_clear = memchr(letters, 'x', len);
  return memchr(letters, 'n', len);
}

static bool find(struct layout const *layout, struct statement_table *to, bool is_of_one_domain)
{
  size_t len = 0;
  char const *letters = nameset_value(&layout->tables, to->name, strlen(to->name), &len);
  return letters && describe(to, letters, len) && to->is_of_one_domain == is_of_one_domain;
}

bool layout_find(struct layout const *layout, struct statement_table *to, struct field domain)
{
  if (!statement_table_name(to->name, domain)) return false;
  return find(layout, to, true) || layout_common(layout, to);
}

bool layout_common(struct layout const *layout, struct statement_table *to)
{
  memcpy(to->name, STATEMENT_TABLE, sizeof STATEMENT_TABLE);
  return find(layout, to, false);
}

struct field layout_lines(struct layout const *layout)
{
  return (struct field){ layout->text.s, layout->text.len };
}

/* Of several domains there is but one. */
static bool is_of_users(struct statement_table const *t)
{
  return t->is_of_one_domain || nameset_same(t->name, STATEMENT_TABLE, sizeof STATEMENT_TABLE);
}

bool layout_next(struct statement_table *to, struct field lines, size_t *at)
{
  struct nameset_line line;
  while (nameset_line_next(&line, lines.s, lines.len, at, true)) {
    if (line.name_len > STATEMENT_DOMAIN_MAX) continue;
    memcpy(to->name, line.name, line.name_len);
    to->name[line.name_len] = 0;
    if (describe(to, line.value, line.value_len) && is_of_users(to)) return true;
  }
  return false;
}
