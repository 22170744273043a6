#include <string.h>

#include "base64.h"

static int digit(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(char *s, size_t len, size_t *decoded)
{
  size_t padding = 0;
  unsigned bits = 0;
  *decoded = 0;
  if (len % 4) return false;
  while (padding < 2 && padding < len && s[len - 1 - padding] == '=') padding++;
  for (size_t i = 0; i < len - padding; i++) {
    int d = digit(s[i]);
    if (d == -1) return false;
    bits = bits << 6 | (unsigned)d;
    if (i % 4) s[(*decoded)++] = (char)(bits >> (6 - 2 * (i % 4)));
  }
  explicit_bzero(s + *decoded, len - *decoded);
  return true;
}
