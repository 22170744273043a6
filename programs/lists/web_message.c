#include <string.h>
#include <strings.h>

#include "base64.h"
#include "list_lines.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "quoted_printable.h"
#include "subject.h"
#include "text.h"
#include "utf8.h"
#include "web_message.h"

struct showing { stralloc *to; enum web_addresses addresses; char const *charset; unsigned parts, depth; };

static void show_part(struct showing *w, struct field part);

/* ---- fields ---- */

/* The header of a message or part, and what follows the empty line. */
static struct field header_of(struct field part, struct field *body)
{
  struct field line;
  *body = part;
  while (list_line_any(&line, body))
    if (!line.len || (line.len == 1 && *line.s == '\r')) return (struct field){ part.s, (size_t)(line.s - part.s) };
  return part;
}

/* Appends the value of the first field of that name, with its continuations, as it is. */
static void raw_value(stralloc *to, struct field header, char const *name)
{
  size_t const len = strlen(name), begun = to->len;
  struct field line;
  bool found = false;
  while (list_line_any(&line, &header)) {
    bool const continues = line.len && (*line.s == ' ' || *line.s == '\t');
    if (found && !continues) break;
    if (found) text_add(to, "\n"), text_addb(to, line.s, line.len);
    else if (line.len > len && line.s[len] == ':' && !strncasecmp(line.s, name, len)) found = true, text_addb(to, line.s + len + 1, line.len - len - 1);
  }
  if (to->len == begun) text_z(to);
}

void web_field_add(stralloc *to, struct field message, char const *name)
{
  stralloc raw = STRALLOC_ZERO, line = STRALLOC_ZERO;
  struct field body;
  raw_value(&raw, header_of(message, &body), name);
  text_z(&line);
  subject_unfold(&line, (struct field){ raw.s, raw.len });
  subject_decode(to, (struct field){ line.s, line.len });
  stralloc_free(&raw), stralloc_free(&line);
}

static void show_field(struct showing *w, struct field message, char const *name)
{
  stralloc value = STRALLOC_ZERO;
  web_field_add(&value, message, name);
  if (value.len) {
    text_add(w->to, "<dt>"), text_add(w->to, name), text_add(w->to, "</dt><dd>");
    web_text_add(w->to, (struct field){ value.s, value.len }, w->addresses);
    text_add(w->to, "</dd>\n");
  }
  stralloc_free(&value);
}

static void show_fields(struct showing *w, struct field message)
{
  text_add(w->to, "<dl>\n");
  show_field(w, message, "From");
  show_field(w, message, "Date");
  show_field(w, message, "Subject");
  text_add(w->to, "</dl>\n");
}

/* ---- text ---- */

static bool is_base64(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* As much of it as is whole. */
static void decode_base64(stralloc *text)
{
  size_t n = 0, decoded = 0;
  for (size_t i = 0; i < text->len && text->s[i] != '='; i++)
    if (is_base64(text->s[i])) text->s[n++] = text->s[i];
  text->len = n - (n % 4 == 1);
  while (text->len % 4) text_addc(text, '=');
  text->len = text->len && base64_decode(text->s, text->len, &decoded) ? decoded : 0;
}

static void decode(stralloc *text, struct field encoding)
{
  if (encoding.len >= 6 && !strncasecmp(encoding.s, "base64", 6)) decode_base64(text);
  else if (encoding.len >= 16 && !strncasecmp(encoding.s, "quoted-printable", 16)) text->len = quoted_printable_decode(text->s, text->len);
}

static void show_text(struct showing *w, struct field header, struct field type, struct field body)
{
  stralloc text = STRALLOC_ZERO, encoding = STRALLOC_ZERO, charset = STRALLOC_ZERO, plain = STRALLOC_ZERO;
  web_field_add(&encoding, header, "Content-Transfer-Encoding");
  text_setb(&text, body.s, body.len);
  decode(&text, (struct field){ encoding.s, encoding.len });
  bool const said = mime_type_parameter(&charset, type, "charset") && web_charset_is_plain((struct field){ charset.s, charset.len });
  web_utf8_add(&plain, (struct field){ text.s, text.len }, said ? text_z(&charset) : utf8_is(text.s, text.len) ? "utf-8" : w->charset);
  text_add(w->to, "<pre>");
  web_text_add(w->to, (struct field){ plain.s, plain.len }, w->addresses);
  text_add(w->to, "</pre>\n");
  stralloc_free(&text), stralloc_free(&encoding), stralloc_free(&charset), stralloc_free(&plain);
}

/* ---- parts ---- */

static void show_name(struct showing *w, struct field name)
{
  text_add(w->to, "<p class=\"part\">[");
  web_text_add(w->to, name, WEB_HIDE);
  text_add(w->to, "]</p>\n");
}

/* What stands between two lines of the boundary. */
static void show_parts(struct showing *w, struct field boundary, struct field body)
{
  struct field rest = body, line;
  char const *begin = 0;
  while (list_line_any(&line, &rest)) {
    int const is = mime_boundary(boundary, line.s, line.len);
    if (is && begin) show_part(w, (struct field){ begin, (size_t)(line.s - begin) });
    if (is) begin = rest.s;
    if (is == 2) return;
  }
  if (begin && begin < rest.s) show_part(w, (struct field){ begin, (size_t)(rest.s - begin) });
}

static void show_body(struct showing *w, struct field header, struct field value, struct field body)
{
  stralloc boundary = STRALLOC_ZERO;
  struct mime_type type;
  mime_type_read(&type, value);
  if (mime_type_is(type.name, "multipart/") && mime_type_parameter(&boundary, value, "boundary"))
    show_parts(w, (struct field){ boundary.s, boundary.len }, body);
  else if (mime_type_is(type.name, "message/rfc822")) show_fields(w, body), show_part(w, body);
  else if (!type.name.len || mime_type_is(type.name, "text/plain")) show_text(w, header, value, body);
  else show_name(w, type.name);
  stralloc_free(&boundary);
}

static void show_part(struct showing *w, struct field part)
{
  stralloc type = STRALLOC_ZERO;
  struct field body, header = header_of(part, &body);
  if (w->depth >= WEB_DEPTH_MAX || w->parts >= WEB_PARTS_MAX) return;
  w->parts++, w->depth++;
  raw_value(&type, header, "Content-Type");
  show_body(w, header, (struct field){ type.s, type.len }, body);
  w->depth--;
  stralloc_free(&type);
}

void web_message_add(stralloc *to, struct field message, enum web_addresses addresses, char const *charset)
{
  struct showing w = { to, addresses, charset, 0, 0 };
  show_fields(&w, message);
  show_part(&w, message);
}
