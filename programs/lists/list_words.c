#include <string.h>

#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "text.h"

/* ---- settings ---- */

/* The file; false: there is none. */
static bool found(stralloc *to, struct list const *l, char const *name)
{
  static stralloc path = STRALLOC_ZERO;
  to->len = 0;
  int r = list_file_find(to, &path, l, name);
  if (r == -1) list_die_system(l, "ERR_READ", path.s);
  return r;
}

/* Whom a setting is for is known when it is used, not whom a mail is for. */
static void fill_setting(stralloc *to, struct field line, struct list const *l, char const *name, struct list_tags const *tags)
{
  char letter;
  for (size_t i = 0; i < line.len; i++)
    if (list_tag_at(line, i, &letter) && (letter == 'A' || letter == 't'))
      list_die(LIST_TROUBLE, l, "ERR_TAG_IN_SETTING", name, 0);
  list_tags_fill(to, line, l, tags);
}

bool list_setting(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  to->len = 0;
  if (found(&text, l, name)) {
    rest = (struct field){ text.s, text.len };
    if (list_line_next(&line, &rest)) fill_setting(to, line, l, name, tags);
  }
  stralloc_free(&text);
  return to->len;
}

bool list_settings(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  to->len = 0;
  bool const is = found(&text, l, name);
  rest = (struct field){ text.s, is ? text.len : 0 };
  while (list_line_next(&line, &rest)) {
    fill_setting(to, line, l, name, tags);
    text_end(to);
  }
  stralloc_free(&text);
  return is;
}

/* ---- texts ---- */

static bool all_set(struct list const *l, struct field letters)
{
  for (size_t i = 0; i < letters.len; i++)
    if (!list_letter(l, letters.s[i])) return false;
  return true;
}

/* "<=ab=>": the letters that what follows wants. */
static bool is_section(struct field line, struct field *letters)
{
  if (line.len < 4 || memcmp(line.s, "<=", 2) != 0 || memcmp(line.s + line.len - 2, "=>", 2) != 0) return false;
  *letters = (struct field){ line.s + 2, line.len - 4 };
  return true;
}

static void add_line(stralloc *to, struct field line, struct list const *l, struct list_tags const *tags)
{
  bool const is_address = line.len > 1 && line.s[0] == '!' && (line.s[1] == 'A' || line.s[1] == 'R');
  if (is_address) {
    text_add(to, "   ");
    line = field_of(line.s[1] == 'A' ? "<#A#>" : "<#R#>");
  }
  list_tags_fill(to, line, l, tags);
  text_add(to, "\n");
}

bool list_text(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  struct field rest, line, letters;
  bool shown = true;
  text_add(&path, "text/");
  text_add(&path, name);
  bool const is = found(&text, l, text_z(&path));
  rest = (struct field){ text.s, is ? text.len : 0 };
  while (list_line_any(&line, &rest)) {
    if (line.len && *line.s == '#') continue;
    if (is_section(line, &letters)) shown = all_set(l, letters);
    else if (shown) add_line(to, line, l, tags);
  }
  stralloc_free(&path);
  stralloc_free(&text);
  return is;
}

void list_text_needed(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags)
{
  stralloc path = STRALLOC_ZERO;
  if (list_text(to, l, name, tags)) return;
  text_add(&path, "text/");
  text_add(&path, name);
  list_die_missing(l, text_z(&path));
}
