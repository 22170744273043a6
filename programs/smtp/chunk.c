#include <strings.h>

#include "chunk.h"

enum { DIGITS_MAX = 19 };     /* any number of so many fits into 64 bits */

static size_t blanks(char const *s, size_t len)
{
  size_t i = 0;
  while (i < len && s[i] == ' ') i++;
  return i;
}

static bool is_last_word(char const *s, size_t len)
{
  return len >= 4 && !strncasecmp(s, "LAST", 4) && blanks(s + 4, len - 4) == len - 4;
}

bool chunk_read(struct chunk *to, char const *s, size_t len)
{
  size_t i = 0;
  to->len = 0;
  for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    if (i == DIGITS_MAX) return false;
    to->len = 10 * to->len + (uint64_t)(s[i] - '0');
  }
  size_t apart = blanks(s + i, len - i);
  if (!i) return false;
  to->is_last = i + apart < len;
  return !to->is_last || (apart && is_last_word(s + i + apart, len - i - apart));
}
