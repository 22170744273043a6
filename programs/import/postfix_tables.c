#include <string.h>

#include "map_lines.h"
#include "postfix.h"
#include "source.h"
#include "text.h"

static char const *const text_types[] = { "hash", "btree", "lmdb", "cdb", "dbm", "sdbm", "texthash" };

typedef void each_line(struct harvest_place, struct field key, struct field value);

/* "type:rest" without the types that only stand in front of others. */
static struct field type_of(struct field *table)
{
  for (;;) {
    char const *colon = table->len ? memchr(table->s, ':', table->len) : 0;
    struct field type = { table->s, colon ? (size_t)(colon - table->s) : 0 };
    if (!colon) return type;
    *table = (struct field){ colon + 1, table->len - type.len - 1 };
    if (!field_is(type, "proxy")) return type;
  }
}

char const *postfix_path(struct field table)
{
  static stralloc path = STRALLOC_ZERO;
  struct field type = type_of(&table);
  bool has_text = !type.len;
  for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++) has_text |= field_is(type, text_types[i]);
  if (!has_text || !table.len || *table.s != '/') return 0;
  text_setb(&path, table.s, table.len);
  return text_z(&path);
}

struct field postfix_word(struct field *rest)
{
  size_t i = 0, depth = 0;
  while (rest->len && memchr(" ,", *rest->s, 2)) rest->s++, rest->len--;
  for (; i < rest->len && (depth || !memchr(" ,", rest->s[i], 2)); i++) {
    depth += rest->s[i] == '{';
    depth -= depth && rest->s[i] == '}';
  }
  struct field f = { rest->s, i };
  rest->s += i;
  rest->len -= i;
  return f;
}

static struct field unbraced(struct field f)
{
  if (f.len > 1 && *f.s == '{' && f.s[f.len - 1] == '}') f = (struct field){ f.s + 1, f.len - 2 };
  return field_trimmed(f);
}

/* {key=value, {key = value with blanks}} */
static void each_inline(struct harvest_place from, struct field body, each_line *each)
{
  body = unbraced(body);
  for (struct field pair; (pair = postfix_word(&body)).len;) {
    pair = unbraced(pair);
    char const *sign = memchr(pair.s, '=', pair.len);
    if (!sign) continue;
    struct field key = field_trimmed((struct field){ pair.s, (size_t)(sign - pair.s) });
    if (key.len) each(from, key, field_trimmed((struct field){ sign + 1, pair.len - (size_t)(sign - pair.s) - 1 }));
  }
}

static void each_in_file(struct harvest *h, struct harvest_place from, char const *path, each_line *each)
{
  stralloc text = STRALLOC_ZERO, kept = STRALLOC_ZERO;
  text_set(&kept, path);
  if (source_read(&text, h, from, text_z(&kept))) {
    struct map_lines lines = { .in = { text.s, text.len } };
    while (map_lines_next(&lines))
      if (lines.key.len) each((struct harvest_place){ kept.s, lines.number }, lines.key, lines.value);
    stralloc_free(&lines.text);
  }
  stralloc_free(&text);
  stralloc_free(&kept);
}

static void each_in_table(struct harvest *h, struct harvest_place from, struct field table, each_line *each)
{
  struct field rest = table, type = type_of(&rest);
  char const *path = postfix_path(table);
  if (field_is(type, "inline")) each_inline(from, rest, each);
  else if (path && type.len) each_in_file(h, from, path, each);
  else harvest_leave(h, from, table, "tables of this type are not carried over: their lines, as text, go into the control file");
}

void postfix_maps(struct harvest *h, struct harvest_place from, struct field list, each_line *each)
{
  for (struct field table; (table = postfix_word(&list)).len;) each_in_table(h, from, unbraced(table), each);
}

/* ---- lists ---- */

static void (*each_word)(struct harvest_place, struct field);

static void put_key(struct harvest_place from, struct field key, struct field value)
{
  (void)value;
  each_word(from, key);
}

/* [::1]/128 is how they write a network of IPv6. */
static struct field without_brackets(stralloc *to, struct field word)
{
  if (*word.s != '[') return word;
  to->len = 0;
  for (size_t i = 0; i < word.len; i++)
    if (!memchr("[]", word.s[i], 2)) text_addc(to, word.s[i]);
  return (struct field){ to->s, to->len };
}

void postfix_list(struct harvest *h, struct harvest_place from, struct field list, void (*each)(struct harvest_place, struct field))
{
  static stralloc bare = STRALLOC_ZERO;
  each_word = each;
  for (struct field word; (word = postfix_word(&list)).len;) {
    char const *path = *word.s == '/' ? postfix_path(word) : 0;
    struct field rest = word, type = type_of(&rest);
    if (*word.s == '!') harvest_leave(h, from, word, "exceptions of a list are not carried over");
    else if (path) each_in_file(h, from, path, put_key);
    else if (type.len && (field_is(type, "inline") || (rest.len && *rest.s == '/') || !memchr("[0123456789", *word.s, 11))) each_in_table(h, from, word, put_key);
    else if ((rest = without_brackets(&bare, word)).len) each(from, rest);
  }
}
