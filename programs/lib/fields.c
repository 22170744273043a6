#include <string.h>

#include "fields.h"

static uint64_t const ID_MAX = UINT32_MAX - 1;      /* the number above means "no user" to the kernel */

size_t fields_split(struct field *parts, size_t max, char const *line, size_t len)
{
  char const *end = line + len;
  for (size_t n = 0; n < max; n++) {
    char const *colon = n + 1 < max && line < end ? memchr(line, ':', (size_t)(end - line)) : 0;
    parts[n].s = line;
    parts[n].len = (size_t)((colon ? colon : end) - line);
    if (!colon) return n + 1;
    line = colon + 1;
  }
  return max;
}

bool field_is_id(struct field f)
{
  uint64_t id = 0;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9') return false;
    id = id * 10 + (uint64_t)(f.s[i] - '0');
    if (id > ID_MAX) return false;
  }
  return f.len > 0;
}

bool field_is_zero(struct field f)
{
  for (size_t i = 0; i < f.len; i++)
    if (f.s[i] != '0') return false;
  return true;
}

struct field field_of(char const *s)
{
  return (struct field){ s, strlen(s) };
}

bool field_same(struct field a, struct field b)
{
  return a.len == b.len && (!a.len || !memcmp(a.s, b.s, a.len));
}

bool field_is(struct field f, char const *word)
{
  return field_same(f, field_of(word));
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static bool is_blank_or_end(char c)
{
  return is_blank(c) || c == '\n' || !c;
}

struct field field_trimmed(struct field f)
{
  while (f.len && is_blank_or_end(*f.s)) f.s++, f.len--;
  while (f.len && is_blank_or_end(f.s[f.len - 1])) f.len--;
  return f;
}

struct field field_word(struct field *rest)
{
  while (rest->len && is_blank(*rest->s)) rest->s++, rest->len--;
  struct field word = { rest->s, 0 };
  while (word.len < rest->len && !is_blank(word.s[word.len])) word.len++;
  if (word.len) *rest = (struct field){ rest->s + word.len, rest->len - word.len };
  return word;
}
