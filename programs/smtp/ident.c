#include <string.h>

#include <skalibs/bytestr.h>

#include "ident.h"

enum { COLONS = 3 };

size_t ident_parse(char name[IDENT_MAX], char const *answer, size_t len)
{
  size_t at = 0, n = 0;
  len = byte_chr(answer, len, '\n');
  for (int colons = 0; colons < COLONS; colons++) {
    at += byte_chr(answer + at, len - at, ':') + 1;
    if (at > len) return 0;
  }
  for (; at < len && n < IDENT_MAX; at++)
    if (answer[at] && !strchr(" \t\r", answer[at])) name[n++] = answer[at];
  return n;
}
