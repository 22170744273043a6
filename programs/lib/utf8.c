#include "utf8.h"

/* Lead bytes, how many bytes follow, and the least and greatest first of them (RFC 3629 section 4): nothing overlong,
   no surrogates, nothing beyond U+10FFFF. */
static struct { unsigned char from, to, more, least, greatest; } const leads[] = {
  { 0xC2, 0xDF, 1, 0x80, 0xBF },
  { 0xE0, 0xE0, 2, 0xA0, 0xBF }, { 0xE1, 0xEC, 2, 0x80, 0xBF }, { 0xED, 0xED, 2, 0x80, 0x9F },
  { 0xEE, 0xEF, 2, 0x80, 0xBF },
  { 0xF0, 0xF0, 3, 0x90, 0xBF }, { 0xF1, 0xF3, 3, 0x80, 0xBF }, { 0xF4, 0xF4, 3, 0x80, 0x8F }
};

size_t utf8_character(char const *text, size_t len)
{
  unsigned char const *s = (unsigned char const *)text;
  if (!len) return 0;
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

bool utf8_is(char const *s, size_t len)
{
  size_t n = 1;
  for (size_t i = 0; n && i < len; i += n) n = utf8_character(s + i, len - i);
  return n;
}

bool utf8_is_ascii(char const *s, size_t len)
{
  unsigned char all = 0;
  for (size_t i = 0; i < len; i++) all |= (unsigned char)s[i];
  return all < 128;
}
