#include <stdbool.h>

#include "encoded_word.h"
#include "text.h"
#include "utf8.h"

enum { WORD_MAX = 75 };

static void add_plain(stralloc *to, char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\n' || s[i] == '\r') continue;
    text_addc(to, (unsigned char)s[i] < ' ' || s[i] == 127 ? ' ' : s[i]);
  }
}

static bool is_ascii(stralloc const *s)
{
  for (size_t i = 0; i < s->len; i++)
    if ((unsigned char)s->s[i] > 127) return false;
  return true;
}

/* RFC 2047 section 5: what may stand in a phrase as it is. */
static bool is_safe(unsigned char c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '!' || c == '*' || c == '-' || c == '/';
}

static void add_byte(stralloc *to, unsigned char c)
{
  static char const hex[] = "0123456789ABCDEF";
  if (c == ' ') text_addc(to, '_');
  else if (is_safe(c)) text_addc(to, (char)c);
  else {
    text_addc(to, '=');
    text_addc(to, hex[c >> 4]);
    text_addc(to, hex[c & 15]);
  }
}

/* No character is cut in two. */
static void add_words(stralloc *to, char const *s, size_t len, char const *beginning)
{
  size_t begun = to->len;
  text_add(to, beginning);
  for (size_t i = 0, n; i < len; i += n) {
    n = utf8_character(s + i, len - i);
    if (!n) n = 1;
    if (to->len - begun + 3 * n + 2 > WORD_MAX) {
      text_add(to, "?=\n ");
      begun = to->len;
      text_add(to, beginning);
    }
    for (size_t k = 0; k < n; k++) add_byte(to, (unsigned char)s[i + k]);
  }
  text_add(to, "?=");
}

void encoded_word_add(stralloc *to, char const *s, size_t len)
{
  stralloc plain = STRALLOC_ZERO;
  add_plain(&plain, s, len);
  if (is_ascii(&plain)) text_addb(to, plain.s, plain.len);
  else add_words(to, plain.s, plain.len, utf8_is(plain.s, plain.len) ? "=?utf-8?q?" : "=?iso-8859-1?q?");
  stralloc_free(&plain);
}
