#include <string.h>

#include "merge.h"
#include "nameset.h"
#include "text.h"

static void make(struct nameset *set, struct field text, bool is_map)
{
  if (!(is_map ? nameset_map : nameset_list)(set, text.s, text.len)) memory_gone();
}

/* Whether the set has the line: of a map with another value. */
static bool differs(struct nameset const *set, struct nameset_line const *line)
{
  size_t len;
  char const *value = nameset_value(set, line->name, line->name_len, &len);
  return value && !(len == line->value_len && memcmp(value, line->value, len) == 0);
}

static struct field line_at(struct field text, size_t at)
{
  char const *end = at < text.len ? memchr(text.s + at, '\n', text.len - at) : 0;
  return (struct field){ text.s + at, end ? (size_t)(end - text.s) + 1 - at : text.len - at };
}

/* The lines that are there, without those of which a new value comes. */
static bool keep(stralloc *to, struct field there, struct nameset const *comes, bool is_map)
{
  struct nameset_line line;
  bool same = true;
  for (size_t at = 0; at < there.len;) {
    struct field whole = line_at(there, at);
    size_t in = 0;
    at += whole.len;
    bool goes = is_map && nameset_line_next(&line, whole.s, whole.len, &in, true) && differs(comes, &line);
    if (!goes) text_addb(to, whole.s, whole.len);
    same &= !goes;
  }
  if (to->len && to->s[to->len - 1] != '\n') text_addc(to, '\n');
  return same;
}

static bool add(stralloc *to, struct field comes, struct nameset const *there, bool is_map)
{
  struct nameset_line line;
  bool same = true;
  for (size_t at = 0; nameset_line_next(&line, comes.s, comes.len, &at, is_map);) {
    if (nameset_has(there, line.name, line.name_len) && !(is_map && differs(there, &line))) continue;
    size_t whole = is_map ? (size_t)(line.value + line.value_len - line.name) : line.name_len;
    text_addb(to, line.name, whole);
    text_addc(to, '\n');
    same = false;
  }
  return same;
}

static bool merge_one(stralloc *to, struct field there, struct field comes)
{
  struct field old = line_at(there, 0), new = line_at(comes, 0);
  text_addb(to, comes.s, comes.len);
  while (old.len && memchr(" \t\r\n", old.s[old.len - 1], 4)) old.len--;
  while (new.len && memchr(" \t\r\n", new.s[new.len - 1], 4)) new.len--;
  return there.len && field_same(old, new);
}

bool merge(stralloc *to, enum harvest_kind kind, struct field there, struct field comes)
{
  struct nameset old = NAMESET_ZERO, new = NAMESET_ZERO;
  bool is_map = kind == HARVEST_MAP;
  if (kind == HARVEST_ONE) return merge_one(to, there, comes);
  make(&old, there, is_map);
  make(&new, comes, is_map);
  bool same = keep(to, there, &new, is_map);
  same &= add(to, comes, &old, is_map);
  nameset_free(&old);
  nameset_free(&new);
  return same;
}
