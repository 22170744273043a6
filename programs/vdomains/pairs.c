#include <stdbool.h>
#include <string.h>

#include "lines.h"
#include "pairs.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
  return c == ':' || is_blank(c);
}

static struct field past_blanks(struct field f)
{
  while (f.len && is_blank(*f.s)) f.s++, f.len--;
  return f;
}

/* Cuts a word off, and the colon or the blanks behind it. */
static struct field word_cut(struct field *rest)
{
  struct field word = { rest->s, 0 };
  while (word.len < rest->len && !ends_word(rest->s[word.len])) word.len++;
  *rest = past_blanks((struct field){ rest->s + word.len, rest->len - word.len });
  if (rest->len && *rest->s == ':') *rest = past_blanks((struct field){ rest->s + 1, rest->len - 1 });
  return word;
}

static void name_split(struct pair *to)
{
  char const *at = to->name.len ? memchr(to->name.s, '@', to->name.len) : 0;
  to->domain = (struct field){ "", 0 };
  if (!at) return;
  size_t len = (size_t)(at - to->name.s);
  to->domain = (struct field){ at + 1, to->name.len - len - 1 };
  to->name.len = len;
}

static enum pair_result parse(struct pair *to, struct field line)
{
  bool fits = line.len <= PAIRS_LINE_MAX && !memchr(line.s, 0, line.len);
  if (!fits) line.len = 0;
  to->name = word_cut(&line);
  to->hash = word_cut(&line);
  name_split(to);
  return to->name.len && to->hash.len ? PAIR_FOUND : PAIR_DAMAGED;
}

enum pair_result pairs_next(struct pair *to, char const *s, size_t len, size_t *at)
{
  struct text_line line;
  while (lines_next(&line, s, len, at)) {
    struct field words = past_blanks((struct field){ line.s, line.len });
    if (words.len && *words.s != '#') return parse(to, words);
  }
  return PAIR_END;
}
