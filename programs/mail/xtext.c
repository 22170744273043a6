#include <stdio.h>

#include "bytes.h"
#include "xtext.h"

static char const digits[] = "0123456789ABCDEF";

static bool is_printable(int c)
{
  return c >= ' ' && c < 127;
}

static bool stands_for_itself(char c)
{
  return c > ' ' && c < 127 && c != '+' && c != '=';
}

static int digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What the two digits behind a '+' are, or -1. */
static int byte_at(char const *s, size_t len)
{
  if (len < 3 || s[0] != '+') return -1;
  int high = digit(s[1]), low = digit(s[2]);
  return high == -1 || low == -1 ? -1 : 16 * high + low;
}

bool xtext_is_printable(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (stands_for_itself(s[i])) continue;
    if (!is_printable(byte_at(s + i, len - i))) return false;
    i += 2;
  }
  return len > 0;
}

int xtext_decode(stralloc *to, char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    int c = byte_at(s + i, len - i);
    bool coded = is_printable(c);
    if (!bytes_addc(to, coded ? (char)c : s[i])) return 0;
    if (coded) i += 2;
  }
  return 1;
}

int xtext_encode(stralloc *to, char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    unsigned char const c = (unsigned char)s[i];
    char const coded[3] = { '+', digits[c >> 4], digits[c & 15] };
    if (!(stands_for_itself(s[i]) ? bytes_addc(to, s[i]) : bytes_addb(to, coded, sizeof coded))) return 0;
  }
  return 1;
}

size_t xtext_wide(char to[XTEXT_WIDE], char const *character, size_t len)
{
  unsigned long c = (unsigned char)*character & (0xffU >> (len + 1));
  for (size_t i = 1; i < len; i++) c = c << 6 | ((unsigned char)character[i] & 0x3f);
  return (size_t)snprintf(to, XTEXT_WIDE, "\\x{%lX}", c);
}
