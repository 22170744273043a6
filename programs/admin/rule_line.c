#include <string.h>

#include "rule_line.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static size_t skip_blanks(char const *s, size_t len, size_t at)
{
  while (at < len && is_blank(s[at])) at++;
  return at;
}

static bool begins(char const *s, size_t len, size_t at, char const *word)
{
  size_t n = strlen(word);
  return len - at >= n && memcmp(s + at, word, n) == 0;
}

/* The first ":allow" or ":deny", perhaps with blanks behind the colon. */
static bool split(struct rule_line *line, char const *s, size_t len)
{
  for (size_t colon = 0; colon < len; colon++) {
    if (s[colon] != ':') continue;
    size_t word = skip_blanks(s, len, colon + 1);
    line->is_deny = begins(s, len, word, "deny");
    if (!line->is_deny && !begins(s, len, word, "allow")) continue;
    line->address = s;
    line->address_len = colon;
    line->rest = s + word + (line->is_deny ? 4 : 5);
    line->rest_len = len - (size_t)(line->rest - s);
    line->has_blanks = word > colon + 1;
    return true;
  }
  return false;
}

static void trim(struct rule_line *line)
{
  size_t whole = line->address_len, skip = skip_blanks(line->address, whole, 0);
  line->address += skip;
  line->address_len -= skip;
  while (line->address_len && is_blank(line->address[line->address_len - 1])) line->address_len--;
  if (line->address_len != whole) line->has_blanks = true;
}

/* ,NAME=qVALUEq with any q; null, or what is wrong. */
static char const *next_variable(struct rule_variable *v, char const *s, size_t len, size_t *at, bool *has_blanks)
{
  size_t start = *at, comma = skip_blanks(s, len, start);
  if (comma == len || s[comma] != ',') return "after allow or deny comes a comma or nothing";
  size_t name = skip_blanks(s, len, comma + 1);
  char const *equals = name < len ? memchr(s + name, '=', len - name) : 0;
  if (!equals || equals == s + name) return "after the comma comes VARIABLE=\"value\"";
  size_t end = (size_t)(equals - s), quote = skip_blanks(s, len, end + 1);
  v->name = s + name;
  v->name_len = end - name;
  while (v->name_len > 1 && is_blank(s[name + v->name_len - 1])) v->name_len--;
  char const *close = quote < len ? memchr(s + quote + 1, s[quote], len - quote - 1) : 0;
  if (!close) return "the value has no end: it is quoted by one character before and behind";
  v->quote = s[quote];
  v->value = s + quote + 1;
  v->value_len = (size_t)(close - v->value);
  if (comma > start || name > comma + 1 || name + v->name_len < end || quote > end + 1) *has_blanks = true;
  *at = (size_t)(close + 1 - s);
  return 0;
}

bool rule_line_variable(struct rule_variable *v, struct rule_line const *line, size_t *at)
{
  bool blanks;
  return *at < line->rest_len && !next_variable(v, line->rest, line->rest_len, at, &blanks);
}

char const *rule_line_parse(struct rule_line *line, char const *s, size_t len)
{
  struct rule_variable v;
  if (memchr(s, 0, len)) return "a NUL in the line";
  if (len && s[len - 1] == '\r') return "the line ends with CR";
  if (!split(line, s, len)) return "neither :allow nor :deny";
  trim(line);
  for (size_t at = 0; at < line->rest_len;) {
    char const *why = next_variable(&v, line->rest, line->rest_len, &at, &line->has_blanks);
    if (why) return why;
  }
  return 0;
}
