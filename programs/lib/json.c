#include <stdint.h>

#include "bytes.h"
#include "json.h"
#include "utf8.h"

static int escape(stralloc *to, unsigned char c)
{
  static char const hex[] = "0123456789abcdef";
  char const text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
  return bytes_addb(to, text, sizeof text);
}

int json_text(stralloc *to, char const *s, size_t len)
{
  if (!bytes_addc(to, '"')) return 0;
  for (size_t i = 0, n; i < len; i += n ? n : 1) {
    unsigned char c = (unsigned char)s[i];
    n = utf8_character(s + i, len - i);
    int r = !n ? bytes_addb(to, "\xEF\xBF\xBD", 3)
          : c < 32 || c == 127 || c == '"' || c == '\\' ? escape(to, c)
          : bytes_addb(to, s + i, n);
    if (!r) return 0;
  }
  return bytes_addc(to, '"');
}
