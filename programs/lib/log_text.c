#include "bytes.h"
#include "log_text.h"

static char harmless(char c)
{
  if (c == '\n') return '/';
  return c < 33 || c > 126 || c == '%' ? '_' : c;
}

int log_text(stralloc *to, char const *s, size_t len, size_t max)
{
  if (len > max) len = max;
  if (!bytes_room(to, len)) return 0;
  for (size_t i = 0; i < len; i++) to->s[to->len++] = harmless(s[i]);
  return 1;
}
