#include <string.h>

#include "number.h"
#include "words.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n';
}

struct field words_next(char const *s, size_t len, size_t *at)
{
  size_t i = *at;
  if (i >= len) return (struct field){ "", 0 };
  while (i < len && is_blank(s[i])) i++;
  size_t from = i;
  while (i < len && !is_blank(s[i])) i++;
  *at = i;
  return (struct field){ s + from, i - from };
}

size_t words_split(struct field *words, size_t max, char const *s, size_t len)
{
  size_t at = 0, count = 0;
  for (size_t i = 0; i < max; i++) {
    words[i] = words_next(s, len, &at);
    count += words[i].len != 0;
  }
  return count;
}

bool word_is(struct field word, char const *s)
{
  return word.len == strlen(s) && !memcmp(word.s, s, word.len);
}

bool word_begins(struct field word, char const *s)
{
  size_t n = strlen(s);
  return word.len >= n && !memcmp(word.s, s, n);
}

uint64_t word_number(struct field word)
{
  uint64_t n = 0;
  return number_scan(word.s, word.len, &n) ? n : 0;
}
