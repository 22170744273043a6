#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "maildir_name.h"
#include "number.h"

void maildir_name_host(char to[MAILDIR_HOST_SIZE])
{
  char host[MAILDIR_HOST_MAX + 1] = "";
  gethostname(host, sizeof host - 1);
  for (char const *s = host; *s; s++) {
    if (*s == '/' || *s == ':') to += sprintf(to, "\\%03o", (unsigned)*s);
    else *to++ = *s;
  }
  *to = 0;
}

bool maildir_name_size(char const *name, size_t base_len, uint64_t *size)
{
  char const *end = name + base_len;
  char const *s = memmem(name, base_len, ",S=", 3);
  if (!s) return false;
  s += 3;
  size_t digits = number_scan(s, (size_t)(end - s), size);
  return digits && (s + digits == end || s[digits] == ',');
}

bool maildir_name_is_trashed(char const *name, size_t base_len)
{
  static char const info[] = ":2,";
  char const *flags = name + base_len;
  return !strncmp(flags, info, sizeof info - 1) && strchr(flags, 'T');
}
