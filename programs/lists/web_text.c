#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "utf8.h"
#include "web_text.h"

enum { LITERAL_MAX = 64, QUOTED_MAX = 64 };

/* ---- characters ---- */

static char const *reference_of(char c)
{
  switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
  }
  return 0;
}

static void add_number(stralloc *to, unsigned long character)
{
  char reference[24];
  if (character >= 0x80 && character < 0xa0) return;
  text_addb(to, reference, (size_t)snprintf(reference, sizeof reference, "&#%lu;", character));
}

static unsigned long code_of(char const *s, size_t len)
{
  unsigned long code = (unsigned char)*s & (0xffu >> (len + 1));
  for (size_t i = 1; i < len; i++) code = code << 6 | ((unsigned char)s[i] & 0x3f);
  return code;
}

/* The character at the beginning; returns its length. */
static size_t add_character(stralloc *to, char const *s, size_t len)
{
  unsigned char const c = (unsigned char)*s;
  if (c < 0x80) {
    char const *reference = reference_of(*s);
    if (reference) text_add(to, reference);
    else if ((c >= 32 && c != 127) || c == '\n' || c == '\t') text_addc(to, *s);
    return 1;
  }
  size_t const n = utf8_character(s, len);
  if (n > 1) add_number(to, code_of(s, n));
  else add_number(to, c);
  return n > 1 ? n : 1;
}

/* ---- addresses ---- */

static bool is_of_address(char c)
{
  unsigned char const u = (unsigned char)c;
  return u >= 0x80 || (u > 32 && u != 127 && !strchr("<>()[]\\,;:\"'@", c));
}

static bool is_blank(char c)
{
  unsigned char const u = (unsigned char)c;
  return u <= 32 || u == 127;
}

/* [192.0.2.1], or 0. */
static size_t literal_length(struct field text)
{
  char const *end = text.len && *text.s == '[' ? memchr(text.s, ']', text.len < LITERAL_MAX ? text.len : LITERAL_MAX) : 0;
  return end ? (size_t)(end - text.s) + 1 : 0;
}

/* How many bytes of an address follow an '@'; 0: it is none. Of what stands before it anything will do: it may be quoted. */
static size_t host_length(struct field text, size_t at)
{
  size_t n = 0;
  if (!at || is_blank(text.s[at - 1])) return 0;
  while (at + 1 + n < text.len && is_of_address(text.s[at + 1 + n])) n++;
  return n ? n : literal_length((struct field){ text.s + at + 1, text.len - at - 1 });
}

/* How much before the end of this text belongs to the address; in quotes, all of what they enclose. */
static size_t box_length(struct field text)
{
  size_t n = 0;
  if (text.len > 1 && text.s[text.len - 1] == '"') {
    size_t const back = text.len - 1 < QUOTED_MAX ? text.len - 1 : QUOTED_MAX;
    char const *quote = memrchr(text.s + text.len - 1 - back, '"', back);
    if (quote) return (size_t)(text.s + text.len - quote);
  }
  while (n < text.len && is_of_address(text.s[text.len - n - 1])) n++;
  return n;
}

/* The host in a box that has another address in it, such as list-unsubscribe-joe=example.net: what stands behind its last '='. */
static size_t inner_length(struct field text)
{
  size_t const box = box_length(text);
  char const *equals = box ? memrchr(text.s + text.len - box, '=', box) : 0;
  return equals ? (size_t)(text.s + text.len - equals) - 1 : 0;
}

static size_t add_plain(stralloc *to, struct field text)
{
  for (size_t i = 0; i < text.len; ) i += add_character(to, text.s + i, text.len - i);
  return text.len;
}

/* An address in this text ends with it, but for the '@' and its host. */
static void add_masked(stralloc *to, struct field text, enum web_addresses addresses)
{
  size_t const left_out = addresses == WEB_HIDE ? box_length(text) : inner_length(text);
  add_plain(to, (struct field){ text.s, text.len - left_out });
  if (left_out || addresses == WEB_HIDE) text_add(to, "&#8230;");
  if (addresses == WEB_MASK) text_add(to, "@&#8230;");
}

/* Cut at each '@' with something of an address on both sides. */
void web_text_add(stralloc *to, struct field text, enum web_addresses addresses)
{
  size_t begin = 0;
  for (size_t i = 0; addresses != WEB_SHOW && i < text.len; i++) {
    size_t const host = text.s[i] == '@' ? host_length(text, i) : 0;
    if (!host) continue;
    add_masked(to, (struct field){ text.s + begin, i - begin }, addresses);
    begin = i + 1 + host;
    i = begin - 1;
  }
  add_plain(to, (struct field){ text.s + begin, text.len - begin });
}

void web_url_add(stralloc *to, struct field text)
{
  for (size_t i = 0; i < text.len; i++) {
    char token[4];
    unsigned char const c = (unsigned char)text.s[i];
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/:@=+", c));
    if (plain) text_addc(to, text.s[i]);
    else text_addb(to, token, (size_t)snprintf(token, sizeof token, "%%%02X", c));
  }
}

/* ---- charsets ---- */

bool web_charset_is_plain(struct field name)
{
  static char const *const odd[] = { "utf-7", "utf7", "utf-16", "utf16", "utf-32", "utf32", "ucs", "unicode", "iso-2022", "hz", "ebcdic", "ibm", "cp037", "csiso2022", "scsu", "bocu" };
  if (!name.len || name.len > 40) return false;
  for (size_t i = 0; i < name.len; i++)
    if (!((name.s[i] | 32) >= 'a' && (name.s[i] | 32) <= 'z') && !(name.s[i] >= '0' && name.s[i] <= '9') && !strchr("-_.", name.s[i])) return false;
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
    if (name.len >= strlen(odd[i]) && !strncasecmp(name.s, odd[i], strlen(odd[i]))) return false;
  return true;
}

/* What is left when a piece is full, or when a byte makes no sense. */
static bool convert(stralloc *to, iconv_t how, char **from, size_t *left)
{
  char piece[4096], *at = piece;
  size_t room = sizeof piece;
  size_t const r = iconv(how, from, left, &at, &room);
  int const reason = errno;
  text_addb(to, piece, sizeof piece - room);
  if (r != (size_t)-1) return false;
  if (reason == E2BIG) return true;
  text_addc(to, '?');
  ++*from, --*left;
  return *left;
}

void web_utf8_add(stralloc *to, struct field text, char const *charset)
{
  char *from = (char *)text.s;
  size_t left = text.len;
  iconv_t how = utf8_is(text.s, text.len) && !strncasecmp(charset, "utf-8", 5) ? (iconv_t)-1 : iconv_open("UTF-8", charset);
  if (how == (iconv_t)-1) {
    text_addb(to, text.s, text.len);
    return;
  }
  while (convert(to, how, &from, &left)) ;
  iconv_close(how);
}
