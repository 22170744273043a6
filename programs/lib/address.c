#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "bytes.h"

size_t address_at(char const *s, size_t len)
{
  return byte_rchr(s, len, '@');
}

static bool must_be_quoted(unsigned char c)
{
  return c <= ' ' || c >= 127 || strchr("\"(),:;<>@[\\]", c);
}

static bool box_needs_quotes(char const *box, size_t len)
{
  if (!len || box[0] == '.' || box[len - 1] == '.') return true;
  for (size_t i = 0; i < len; i++) {
    if (must_be_quoted((unsigned char)box[i])) return true;
    if (i && box[i] == '.' && box[i - 1] == '.') return true;
  }
  return false;
}

static int quote_box(stralloc *to, char const *box, size_t len)
{
  if (!bytes_addc(to, '"')) return 0;
  for (size_t i = 0; i < len; i++) {
    if (box[i] == '\r' || box[i] == '\n' || box[i] == '"' || box[i] == '\\')
      if (!bytes_addc(to, '\\')) return 0;
    if (!bytes_addc(to, box[i])) return 0;
  }
  return bytes_addc(to, '"');
}

int address_quote(stralloc *to, char const *s, size_t len)
{
  if (!len) return 1;
  size_t at = address_at(s, len);
  if (!box_needs_quotes(s, at)) return bytes_addb(to, s, len);
  return quote_box(to, s, at) && bytes_addb(to, s + at, len - at);
}

/* Where the address begins in the argument, and which byte ends it. */
static size_t address_begin(char const *s, size_t len, char *end)
{
  size_t i = byte_chr(s, len, '<');
  if (i < len) {
    *end = '>';
    return i + 1;
  }
  *end = ' ';
  i = byte_chr(s, len, ':');
  if (i < len) i++;
  while (i < len && s[i] == ' ') i++;
  return i;
}

int address_from_command(stralloc *to, char const *s, size_t len, size_t *rest)
{
  char end;
  size_t i = address_begin(s, len, &end);
  bool quoted = false;
  to->len = 0;
  if (i < len && s[i] == '@') {
    i += byte_chr(s + i, len - i, ':');
    if (i < len) i++;
  }
  for (; i < len && (quoted || s[i] != end); i++) {
    if (s[i] == '"') {
      quoted = !quoted;
      continue;
    }
    if (s[i] == '\\' && ++i == len) break;
    if (to->len == ADDRESS_MAX) return 0;
    if (!bytes_addc(to, s[i])) return -1;
  }
  *rest = i < len ? i + 1 : len;
  return 1;
}
