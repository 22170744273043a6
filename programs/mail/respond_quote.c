#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "respond_quote.h"
#include "text.h"
#include "utf8.h"

enum { BOUNDARY_MAX = 70 };       /* RFC 2046 5.1.1 */

struct mime_part { struct field type, encoding, body; };

/* ---- words ---- */

static bool begins(struct field f, char const *with)
{
  size_t len = strlen(with);
  return f.len >= len && strncasecmp(f.s, with, len) == 0;
}

static bool is_plain(struct field type)
{
  return !type.len || begins(type, "text/plain");
}

/* The value of a parameter, its quotes taken off. */
static struct field parameter(struct field type, char const *name)
{
  size_t len = strlen(name), n = 0;
  for (size_t i = 1; i + len < type.len; i++) {
    if (!strchr("; \t\n", type.s[i - 1]) || strncasecmp(type.s + i, name, len) != 0 || type.s[i + len] != '=') continue;
    char const *value = type.s + i + len + 1, *end = type.s + type.len;
    char const *stop = value < end && *value == '"' ? "\"" : "; \t\r\n";
    if (*stop == '"') value++;
    while (value + n < end && value[n] && !strchr(stop, value[n])) n++;
    return (struct field){ value, n };
  }
  return (struct field){ "", 0 };
}

/* ---- parts ---- */

/* Cuts the next line off, without its end. */
static bool line_next(struct field *line, struct field *rest)
{
  if (!rest->len) return false;
  char const *newline = memchr(rest->s, '\n', rest->len);
  size_t len = newline ? (size_t)(newline - rest->s) : rest->len;
  *line = (struct field){ rest->s, len };
  rest->s += len + (newline != 0);
  rest->len -= len + (newline != 0);
  if (line->len && line->s[line->len - 1] == '\r') line->len--;
  return true;
}

static struct field value_in(struct field line, size_t at)
{
  while (at < line.len && (line.s[at] == ' ' || line.s[at] == '\t')) at++;
  return (struct field){ line.s + at, line.len - at };
}

static bool name_is(struct field line, char const *name, size_t *body)
{
  size_t len = mail_header_name_length(line.s, line.len, body);
  return len == strlen(name) && strncasecmp(line.s, name, len) == 0;
}

/* A value goes on in the lines that begin with a blank. */
static void part_parse(struct mime_part *part, struct field text)
{
  struct field line, *last = 0;
  size_t at;
  *part = (struct mime_part){ .body = text };
  while (line_next(&line, &part->body) && line.len) {
    if (*line.s == ' ' || *line.s == '\t') {
      if (last) last->len = (size_t)(line.s + line.len - last->s);
      continue;
    }
    last = name_is(line, "Content-Type", &at) ? &part->type
         : name_is(line, "Content-Transfer-Encoding", &at) ? &part->encoding : 0;
    if (last) *last = value_in(line, at);
  }
}

enum delimiter { NO_DELIMITER, BEGINS_PART, ENDS_ALL };

static enum delimiter delimiter_of(struct field line, struct field boundary)
{
  size_t at = boundary.len + 2;
  if (line.len < at || line.s[0] != '-' || line.s[1] != '-' || memcmp(line.s + 2, boundary.s, boundary.len) != 0)
    return NO_DELIMITER;
  if (line.len >= at + 2 && line.s[at] == '-' && line.s[at + 1] == '-') return ENDS_ALL;
  return value_in(line, at).len ? NO_DELIMITER : BEGINS_PART;
}

/* What stands between two delimiters; the last part may have none behind it. */
static bool part_next(struct mime_part *part, struct field boundary, struct field *rest)
{
  struct field line, here;
  enum delimiter found = NO_DELIMITER;
  while (found == NO_DELIMITER && line_next(&line, rest)) found = delimiter_of(line, boundary);
  if (found != BEGINS_PART) return false;
  struct field text = *rest;
  do here = *rest;
  while (line_next(&line, rest) && delimiter_of(line, boundary) == NO_DELIMITER);
  text.len = (size_t)(here.s - text.s);
  *rest = here;
  part_parse(part, text);
  return true;
}

/* The first part that is plain text, or has parts itself. */
static bool descend(struct mime_part *part)
{
  struct field boundary = parameter(part->type, "boundary"), rest = part->body;
  struct mime_part inner;
  if (!boundary.len || boundary.len > BOUNDARY_MAX) return false;
  while (part_next(&inner, boundary, &rest))
    if (is_plain(inner.type) || begins(inner.type, "multipart/")) return *part = inner, true;
  return false;
}

static bool find_text(struct mime_part *part)
{
  for (int depth = 0; begins(part->type, "multipart/"); depth++)
    if (depth == RESPOND_QUOTE_DEPTH || !descend(part)) return false;
  return is_plain(part->type);
}

/* ---- encodings ---- */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is no code stays as it is. */
static void add_quoted_line(stralloc *to, struct field line)
{
  while (line.len && (line.s[line.len - 1] == ' ' || line.s[line.len - 1] == '\t')) line.len--;
  bool goes_on = line.len && line.s[line.len - 1] == '=';
  if (goes_on) line.len--;
  for (size_t i = 0; i < line.len; i++) {
    int high = i + 2 < line.len && line.s[i] == '=' ? hex_digit(line.s[i + 1]) : -1;
    int low = high == -1 ? -1 : hex_digit(line.s[i + 2]);
    text_addc(to, low == -1 ? line.s[i] : (char)(high << 4 | low));
    if (low != -1) i += 2;
  }
  if (!goes_on) text_addc(to, '\n');
}

static void add_lines(stralloc *to, struct field body, bool quoted_printable)
{
  struct field line;
  while (line_next(&line, &body)) {
    if (quoted_printable) {
      add_quoted_line(to, line);
      continue;
    }
    text_addb(to, line.s, line.len);
    text_addc(to, '\n');
  }
}

/* The end of a long body was not looked at. */
static void add_base64(stralloc *to, struct field body)
{
  for (size_t i = 0; i < body.len; i++)
    if (!strchr(" \t\r\n", body.s[i])) text_addc(to, body.s[i]);
  if (!base64_decode(to->s, to->len - to->len % 4, &to->len)) to->len = 0;
}

static void decode(stralloc *to, struct mime_part const *part)
{
  if (!begins(part->encoding, "base64")) add_lines(to, part->body, begins(part->encoding, "quoted-printable"));
  else if (part->body.len) {
    stralloc bytes = STRALLOC_ZERO;
    text_room(&bytes, 1);
    add_base64(&bytes, part->body);
    add_lines(to, (struct field){ bytes.s, bytes.len }, false);
    stralloc_free(&bytes);
  }
}

/* ---- characters ---- */

static void from_latin1(stralloc *to)
{
  stralloc wide = STRALLOC_ZERO;
  for (size_t i = 0; i < to->len; i++) {
    unsigned char c = (unsigned char)to->s[i];
    if (c >= 0x80) text_addc(&wide, (char)(0xC0 | c >> 6));
    text_addc(&wide, c < 0x80 ? (char)c : (char)(0x80 | (c & 0x3F)));
  }
  text_setb(to, wide.s, wide.len);
  stralloc_free(&wide);
}

/* A character that was cut where we stopped to look. */
static void cut_last(stralloc *to)
{
  size_t i = to->len;
  bool newline = i && to->s[i - 1] == '\n';
  i -= newline;
  for (int k = 0; k < 3 && i && ((unsigned char)to->s[i - 1] & 0xC0) == 0x80; k++) i--;
  if (!i || (unsigned char)to->s[i - 1] < 0xC0 || utf8_character(to->s + i - 1, to->len - newline - (i - 1))) return;
  to->len = i - 1;
  if (newline) text_addc(to, '\n');
}

static bool holds_control(stralloc const *s)
{
  for (size_t i = 0; i < s->len; i++)
    if (!s->s[i] || s->s[i] == '\33' || s->s[i] == 127) return true;
  return false;
}

static void settle(stralloc *to, struct field charset)
{
  if (begins(charset, "iso-8859-1") && charset.len == strlen("iso-8859-1")) from_latin1(to);
  if (holds_control(to) || !utf8_is(to->s, to->len)) to->len = 0;
}

void respond_quote(stralloc *to, struct mail_header const *header, struct field body)
{
  struct mime_part part = { .body = body };
  to->len = 0;
  mail_header_find(&part.type, header, "Content-Type");
  mail_header_find(&part.encoding, header, "Content-Transfer-Encoding");
  if (!find_text(&part)) return;
  decode(to, &part);
  if (body.len >= RESPOND_QUOTE_MAX) cut_last(to);
  settle(to, parameter(part.type, "charset"));
}
