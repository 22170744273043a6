#include <string.h>

#include "html.h"
#include "text.h"
#include "utf8.h"

static char const *escaped(unsigned char c)
{
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return c < 32 || c == 127 ? "\xEF\xBF\xBD" : 0;
  }
}

/* U+FFFE and U+FFFF, and those that some programs take for controls: U+0080 to U+009F. */
static bool is_character(char const *s, size_t n)
{
  unsigned char const *u = (unsigned char const *)s;
  if (n == 2) return u[0] != 0xC2 || u[1] >= 0xA0;
  return n != 3 || u[0] != 0xEF || u[1] != 0xBF || u[2] < 0xBE;
}

void html_text(stralloc *to, char const *s, size_t len)
{
  for (size_t i = 0, n; i < len; i += n ? n : 1) {
    n = utf8_character(s + i, len - i);
    char const *other = !n || !is_character(s + i, n) ? "\xEF\xBF\xBD" : n == 1 ? escaped((unsigned char)s[i]) : 0;
    if (other) text_add(to, other);
    else text_addb(to, s + i, n);
  }
}
