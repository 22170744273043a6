#include <string.h>

#include <skalibs/types.h>

#include "parts.h"

size_t part_word_find(char const *const *table, size_t count, struct field f)
{
  size_t i = 0;
  while (i < count && (strlen(table[i]) != f.len || memcmp(table[i], f.s, f.len) != 0)) i++;
  return i;
}

struct field part_number(char to[PART_DIGITS], uint32_t n)
{
  return (struct field){ to, uint32_fmt(to, n) };
}

bool part_number_read(uint32_t *to, struct field f)
{
  uint64_t n = 0;
  if (!f.len || f.len > PART_DIGITS || (f.len > 1 && f.s[0] == '0')) return false;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9') return false;
    n = 10 * n + (uint64_t)(f.s[i] - '0');
  }
  *to = (uint32_t)n;
  return n <= UINT32_MAX;
}
