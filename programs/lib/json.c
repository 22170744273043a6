#include <stdint.h>
#include <string.h>

#include "bytes.h"
#include "json.h"

/* Lead bytes, how many bytes follow, and the least and greatest first of them (RFC 3629 section 4): nothing overlong,
   no surrogates, nothing beyond U+10FFFF. */
static struct { unsigned char from, to, more, least, greatest; } const leads[] = {
  { 0xC2, 0xDF, 1, 0x80, 0xBF },
  { 0xE0, 0xE0, 2, 0xA0, 0xBF }, { 0xE1, 0xEC, 2, 0x80, 0xBF }, { 0xED, 0xED, 2, 0x80, 0x9F },
  { 0xEE, 0xEF, 2, 0x80, 0xBF },
  { 0xF0, 0xF0, 3, 0x90, 0xBF }, { 0xF1, 0xF3, 3, 0x80, 0xBF }, { 0xF4, 0xF4, 3, 0x80, 0x8F }
};

/* Bytes of the UTF-8 character at s; 0 when there is none. */
static size_t character(unsigned char const *s, size_t len)
{
  if (*s < 0x80) return 1;
  for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
    if (*s < leads[i].from || *s > leads[i].to) continue;
    if (len <= leads[i].more || s[1] < leads[i].least || s[1] > leads[i].greatest) return 0;
    for (size_t k = 2; k <= leads[i].more; k++)
      if ((s[k] & 0xC0) != 0x80) return 0;
    return leads[i].more + (size_t)1;
  }
  return 0;
}

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
    n = character((unsigned char const *)s + i, len - i);
    int r = !n ? bytes_addb(to, "\xEF\xBF\xBD", 3)
          : c < 32 || c == 127 || c == '"' || c == '\\' ? escape(to, c)
          : bytes_addb(to, s + i, n);
    if (!r) return 0;
  }
  return bytes_addc(to, '"');
}
