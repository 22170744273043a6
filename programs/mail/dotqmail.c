#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "bytes.h"
#include "dotqmail.h"

bool dotqmail_patrn_ok(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (s[i] < '0' || s[i] > '7') return false;
  return len == 3 || (len == 4 && s[0] == '0');
}

mode_t dotqmail_patrn(char const *s, size_t len)
{
  mode_t bits = 0;
  if (!dotqmail_patrn_ok(s, len)) return 002;
  for (size_t i = 0; i < len; i++) bits = bits << 3 | (mode_t)(s[i] - '0');
  return bits;
}

static void make_safe(char *s, size_t len)
{
  case_lowerb(s, len);
  for (size_t i = 0; i < len; i++)
    if (s[i] == '.') s[i] = ':';
}

int dotqmail_name(stralloc *to, char const *dash, char const *ext, size_t len, char const *ending)
{
  if (!bytes_set(to, ".qmail") || !bytes_add(to, dash) || !bytes_addb(to, ext, len)) return 0;
  make_safe(to->s + to->len - len, len);
  if (!bytes_add(to, ending) || !bytes_end(to)) return 0;
  to->len--;
  return 1;
}

/* Of an address that itself ends in "default". */
static char const *own_default(char const *ext, size_t len)
{
  size_t n = strlen("default");
  return len >= n && !strncasecmp(ext + len - n, "default", n) ? ext + len - n : 0;
}

int dotqmail_next(struct dotqmail_search *s)
{
  if (!s->begun) {
    size_t len = strlen(s->ext);
    s->begun = true;
    s->at = len + 1;
    s->default_part = own_default(s->ext, len);
    return dotqmail_name(&s->name, s->dash, s->ext, len, "") ? 1 : -1;
  }
  while (s->at--) {
    if (s->at && s->ext[s->at - 1] != '-') continue;
    s->default_part = s->ext + s->at;
    return dotqmail_name(&s->name, s->dash, s->ext, s->at, "default") ? 1 : -1;
  }
  s->at = 0;
  return 0;
}
