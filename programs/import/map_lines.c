#include <string.h>

#include "map_lines.h"
#include "text.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

static struct field physical(struct map_lines *m)
{
  char const *s = m->in.s + m->at, *end = memchr(s, '\n', m->in.len - m->at);
  struct field line = { s, end ? (size_t)(end - s) + 1 : m->in.len - m->at };
  m->at += line.len;
  m->next_number++;
  return line;
}

static bool is_nothing(struct field line)
{
  struct field f = field_trimmed(line);
  return !f.len || *f.s == '#';
}

/* Comments and empty lines do not end what is continued behind them. */
static void add_rest(struct map_lines *m)
{
  while (m->at < m->in.len && (is_blank(m->in.s[m->at]) || m->in.s[m->at] == '#')) {
    struct field line = physical(m);
    if (!is_nothing(line)) text_addb(&m->text, line.s, line.len);
  }
}

static size_t key_len(struct field f, bool quoted, bool colons)
{
  size_t i = 0;
  if (quoted) {
    for (i = 1; i < f.len && f.s[i] != '"'; i++)
      if (f.s[i] == '\\' && i + 1 < f.len) i++;
    return i < f.len ? i + 1 : f.len;
  }
  while (i < f.len && !is_blank(f.s[i]) && !(colons && f.s[i] == ':')) i++;
  return i;
}

static void cut(struct map_lines *m)
{
  struct field f = field_trimmed((struct field){ m->text.s, m->text.len });
  bool quoted = *f.s == '"';
  size_t len = key_len(f, quoted, m->colons);
  m->key = (struct field){ f.s, len };
  if (quoted && len > 1 && f.s[len - 1] == '"') m->key = (struct field){ f.s + 1, len - 2 };
  m->value = field_trimmed((struct field){ f.s + len, f.len - len });
  if (m->colons && m->value.len && *m->value.s == ':') m->value = field_trimmed((struct field){ m->value.s + 1, m->value.len - 1 });
}

bool map_lines_next(struct map_lines *m)
{
  if (!m->next_number) m->next_number = 1;
  while (m->at < m->in.len) {
    m->number = m->next_number;
    struct field line = physical(m);
    if (is_nothing(line)) continue;
    text_setb(&m->text, line.s, line.len);
    add_rest(m);
    cut(m);
    return true;
  }
  return false;
}

struct field map_value_next(struct field *rest)
{
  size_t i = 0;
  bool quoted = false;
  while (rest->len && (is_blank(*rest->s) || *rest->s == ',')) rest->s++, rest->len--;
  for (; i < rest->len && (quoted || !(is_blank(rest->s[i]) || rest->s[i] == ',')); i++) {
    if (rest->s[i] == '"') quoted = !quoted;
    if (rest->s[i] == '\\' && i + 1 < rest->len) i++;
  }
  struct field f = { rest->s, i };
  rest->s += i;
  rest->len -= i;
  return f;
}
