#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "maillist.h"

enum maillist_result maillist_add(stralloc *to, char const *s, size_t len)
{
  while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\n')) len--;
  if (!len || *s == '#') return MAILLIST_ADDED;
  if (len > MAILLIST_LINE_MAX) return MAILLIST_TOO_LONG;
  if (memchr(s, 0, len)) return MAILLIST_NUL;
  bool has_sign = strchr("&./", *s);
  bool added = (has_sign || bytes_addc(to, '&')) && bytes_addb(to, s, len) && bytes_end(to);
  return added ? MAILLIST_ADDED : MAILLIST_NO_MEMORY;
}
