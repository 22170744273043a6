#include "number.h"

size_t number_scan(char const *s, size_t len, uint64_t *number)
{
  size_t i = 0;
  *number = 0;
  for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    unsigned digit = (unsigned)(s[i] - '0');
    if (*number > (UINT64_MAX - digit) / 10) *number = UINT64_MAX;
    else *number = *number * 10 + digit;
  }
  return i;
}
