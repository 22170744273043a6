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

bool base64_is_exact(char const *s, size_t len)
{
  size_t padding = 0;
  while (padding < 2 && padding < len && s[len - 1 - padding] == '=') padding++;
  if (!padding) return true;
  int last = len > padding ? digit(s[len - 1 - padding]) : -1;
  return last != -1 && !(last & ((1 << 2 * padding) - 1));
}

size_t base64_encode(char *to, char const *s, size_t len)
{
  static char const digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *end = to;
  for (size_t i = 0; i < len; i += 3) {
    unsigned bits = 0;
    for (size_t j = 0; j < 3; j++) bits = bits << 8 | (i + j < len ? (unsigned char)s[i + j] : 0);
    for (size_t j = 0; j < 4; j++) *end++ = i + j > len ? '=' : digits[bits >> (18 - 6 * j) & 63];
  }
  return (size_t)(end - to);
}
