#include "quoted_printable.h"

static int digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of a line end at i, 0: there is none. */
static size_t line_end(char const *s, size_t len, size_t i)
{
  if (i < len && s[i] == '\n') return 1;
  return i + 1 < len && s[i] == '\r' && s[i + 1] == '\n' ? 2 : 0;
}

size_t quoted_printable_decode(char *s, size_t len)
{
  size_t n = 0;
  for (size_t i = 0; i < len; i++) {
    size_t end = s[i] == '=' ? line_end(s, len, i + 1) : 0;
    int high = s[i] == '=' && i + 2 < len ? digit(s[i + 1]) : -1, low = high >= 0 ? digit(s[i + 2]) : -1;
    if (end) i += end;
    else if (low >= 0) s[n++] = (char)(high << 4 | low), i += 2;
    else s[n++] = s[i];
  }
  return n;
}
