#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "bytes.h"
#include "utf8.h"

size_t address_at(char const *s, size_t len)
{
  return byte_rchr(s, len, '@');
}

static bool must_be_quoted(unsigned char c)
{
  return c <= ' ' || c == 127 || (c < 127 && strchr("\"(),:;<>@[\\]", c));
}

static bool box_needs_quotes(char const *box, size_t len)
{
  if (!len || box[0] == '.' || box[len - 1] == '.' || !utf8_is(box, len)) return true;
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

/* Steps over blanks. */
static size_t past_blanks(char const *s, size_t len, size_t i)
{
  while (i < len && s[i] == ' ') i++;
  return i;
}

/* Where the address or its bracket begins: behind FROM: or TO:, or whatever word stands there. Something else behind
   the word is no address: false. */
static bool past_keyword(char const *s, size_t len, size_t *i)
{
  while (*i < len && !strchr(" :<", s[*i])) ++*i;
  *i = past_blanks(s, len, *i);
  if (*i == len || s[*i] == '<') return true;
  if (s[*i] != ':') return false;
  *i = past_blanks(s, len, *i + 1);
  return true;
}

/* The first such byte outside quotes, or len; *sound tells whether the quotes before it are closed. */
static size_t unquoted(char const *s, size_t len, size_t i, char c, bool *sound)
{
  bool quoted = false;
  for (; i < len && (quoted || s[i] != c); i++) {
    if (s[i] == '"') quoted = !quoted;
    if (s[i] == '\\' && i + 1 < len) i++;
  }
  *sound = !quoted;
  return i;
}

/* Where the address ends that begins at i, and *rest behind it. It ends with its bracket; without one, also where one
   was opened and not closed, at the first blank: what follows are parameters, whatever they look like. */
static bool find_end(char const *s, size_t len, size_t i, bool bracket, size_t *end, size_t *rest)
{
  bool sound;
  *end = bracket ? unquoted(s, len, i, '>', &sound) : len;
  if (*end == len) *end = unquoted(s, len, i, ' ', &sound);
  *rest = *end < len ? *end + 1 : len;
  bool closed = sound;
  return closed && unquoted(s, *end, i, '<', &sound) == *end;
}

/* Behind a source route, "@a,@b:". */
static size_t past_route(char const *s, size_t end, size_t i)
{
  if (i == end || s[i] != '@') return i;
  i += byte_chr(s + i, end - i, ':');
  return i < end ? i + 1 : end;
}

static int take_unquoted(stralloc *to, char const *s, size_t len)
{
  to->len = 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '"') continue;
    if (s[i] == '\\' && ++i == len) break;
    if (to->len == ADDRESS_MAX) return 0;
    if (!bytes_addc(to, s[i])) return -1;
  }
  return 1;
}

int address_from_command(stralloc *to, char const *s, size_t len, size_t *rest)
{
  size_t i = 0, end;
  to->len = 0;
  if (!past_keyword(s, len, &i)) return 0;
  bool bracket = i < len && s[i] == '<';
  i += bracket;
  if (!find_end(s, len, i, bracket, &end, rest)) return 0;
  i = past_route(s, end, i);
  return take_unquoted(to, s + i, end - i);
}

bool address_is_sayable(char const *s, size_t len)
{
  size_t at = address_at(s, len), quoted = at < len ? at : 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\r' || s[i] == '\n') return false;
    if (i >= quoted && ((unsigned char)s[i] <= 32 || s[i] == 127 || s[i] == '<' || s[i] == '>')) return false;
  }
  return true;
}
