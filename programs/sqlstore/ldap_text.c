#include <string.h>

#include "bytes.h"
#include "ldap_text.h"

static int add_byte(stralloc *to, unsigned char c)
{
  static char const hex[] = "0123456789abcdef";
  static char const plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-";
  char const escaped[3] = { '\\', hex[c >> 4], hex[c & 15] };
  return c && strchr(plain, c) ? bytes_addc(to, (char)c) : bytes_addb(to, escaped, sizeof escaped);
}

static int add_name(stralloc *to, struct field name)
{
  if (!name.s) return bytes_addc(to, '*');
  for (size_t i = 0; i < name.len; i++)
    if (!add_byte(to, (unsigned char)name.s[i])) return 0;
  return 1;
}

int ldap_text_make(stralloc *to, char const *pattern, struct field user, struct field domain)
{
  to->len = 0;
  for (char const *p = pattern; *p; p++) {
    int added;
    if (p[0] == '%' && p[1] == 'u') added = add_name(to, user), p++;
    else if (p[0] == '%' && p[1] == 'd') added = add_name(to, domain), p++;
    else {
      p += p[0] == '%' && p[1] == '%';
      added = bytes_addb(to, p, 1);
    }
    if (!added) return 0;
  }
  return bytes_z(to);
}
