#include <ctype.h>

#include "log_pattern.h"

static bool fits(char wanted, char c)
{
  unsigned char const w = (unsigned char)wanted;
  if (w > 127 || !(isalnum(w) || w == '.')) return true;
  return tolower(w) == tolower((unsigned char)c);
}

bool log_pattern_in(struct field line, struct field pattern)
{
  for (size_t i = 0; i + pattern.len <= line.len; i++) {
    size_t k = 0;
    while (k < pattern.len && fits(pattern.s[k], line.s[i + k])) k++;
    if (k == pattern.len) return true;
  }
  return false;
}
