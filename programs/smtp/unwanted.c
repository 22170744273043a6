#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "unwanted.h"

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool fits(char pattern, char c)
{
  return pattern == '?' || lower(pattern) == lower(c);
}

/* When it goes no further the last star takes one more; those before it need never be tried again. */
bool unwanted_looks_like(char const *p, size_t p_len, char const *s, size_t len)
{
  size_t i = 0, at = 0, star = p_len, behind = 0;
  while (at < len) {
    if (i < p_len && p[i] == '*') {
      star = i++;
      behind = at;
    } else if (i < p_len && fits(p[i], s[at])) {
      i++, at++;
    } else if (star < p_len) {
      i = star + 1;
      at = ++behind;
    } else {
      return false;
    }
  }
  while (i < p_len && p[i] == '*') i++;
  return i == p_len;
}

/* ---- a line ---- */

static bool is_pattern(struct field line)
{
  return memchr(line.s, '*', line.len) || memchr(line.s, '?', line.len);
}

static bool is_tried(struct field line)
{
  return line.len && (*line.s == '!' || *line.s == '.' || is_pattern(line));
}

/* The end of a name, beginning with its last @; all of one that has none. */
static struct field domain_of(struct field name)
{
  size_t at = address_at(name.s, name.len);
  return at < name.len ? (struct field){ name.s + at, name.len - at } : name;
}

static bool same(struct field a, struct field b)
{
  return a.len == b.len && nameset_same(a.s, b.s, a.len);
}

static bool ends_with(struct field name, struct field end)
{
  return name.len > end.len && nameset_same(name.s + name.len - end.len, end.s, end.len);
}

static bool speaks_of(struct field line, struct field name)
{
  if (!line.len) return false;
  if (is_pattern(line)) return unwanted_looks_like(line.s, line.len, name.s, name.len);
  if (*line.s == '.') return ends_with(domain_of(name), line);
  return same(line, *line.s == '@' ? domain_of(name) : name);
}

/* ---- the list ---- */

static struct field line_at(struct unwanted const *u, size_t i)
{
  struct nameset_entry const *e = u->names.entries + i;
  return (struct field){ u->names.text.s + e->name, e->name_len };
}

void unwanted_forget(struct unwanted *u)
{
  free(u->tried);
  u->tried = 0;
  u->is_ready = false;
}

static bool make_ready(struct unwanted *u)
{
  size_t const count = u->names.count;
  if (u->is_ready) return true;
  u->tried = count ? malloc(count * sizeof *u->tried) : 0;
  if (count && !u->tried) return false;
  u->count = 0;
  for (size_t i = 0; i < count; i++)
    if (is_tried(line_at(u, i))) u->tried[u->count++] = i;
  u->is_ready = true;
  return true;
}

static bool is_tried_with_success(struct unwanted const *u, struct field name, bool spares)
{
  for (size_t i = 0; i < u->count; i++) {
    struct field line = line_at(u, u->tried[i]);
    if ((*line.s == '!') != spares) continue;
    if (speaks_of((struct field){ line.s + spares, line.len - spares }, name)) return true;
  }
  return false;
}

/* A name that begins as only a line may is found by no line. */
static bool is_found(struct unwanted const *u, struct field name)
{
  struct field const domain = domain_of(name);
  if (is_tried(name)) return false;
  return nameset_has(&u->names, name.s, name.len) || nameset_has(&u->names, domain.s, domain.len);
}

int unwanted_has(struct unwanted *u, char const *s, size_t len)
{
  struct field const name = { s, len };
  if (!u->names.count) return 0;
  if (!make_ready(u)) return -1;
  bool listed = is_found(u, name) || is_tried_with_success(u, name, false);
  return listed && !is_tried_with_success(u, name, true);
}
