#include <string.h>

#include "maildir_name.h"
#include "number.h"

bool maildir_name_size(char const *name, size_t base_len, uint64_t *size)
{
  char const *end = name + base_len;
  char const *s = memmem(name, base_len, ",S=", 3);
  if (!s) return false;
  s += 3;
  size_t digits = number_scan(s, (size_t)(end - s), size);
  return digits && (s + digits == end || s[digits] == ',');
}
