#include <string.h>
#include <strings.h>

#include <skalibs/stralloc.h>

#include "bounce_report.h"
#include "list_lines.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "number.h"
#include "text.h"
#include "xtext.h"

enum { DETAIL_DIGITS = 3 };

struct found { void (*put)(void *arg, struct bounce_failure const *f); void *arg; size_t count; };

static void tell(struct found *found, struct bounce_failure const *f)
{
  found->put(found->arg, f);
  found->count++;
}

static bool starts(struct field f, char const *with)
{
  size_t const len = strlen(with);
  return f.len >= len && !memcmp(f.s, with, len);
}

static struct field from_to(char const *begin, char const *end)
{
  return (struct field){ begin, (size_t)(end - begin) };
}

/* ---- status codes ---- */

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
}

/* Behind a dot; how many bytes, 0: no number. */
static size_t status_part(struct field text, size_t at, uint64_t *part)
{
  if (at >= text.len || text.s[at] != '.') return 0;
  size_t digits = number_scan(text.s + at + 1, text.len - at - 1, part);
  return digits && digits <= DETAIL_DIGITS ? digits + 1 : 0;
}

struct status { unsigned class; uint64_t subject, detail; };

/* "5.2.2" there, and not within a longer word: an address of a host looks much the same. */
static bool status_at(struct status *to, struct field text, size_t at)
{
  if ((text.s[at] != '4' && text.s[at] != '5') || (at && is_word(text.s[at - 1]))) return false;
  size_t const subject = status_part(text, at + 1, &to->subject);
  size_t const detail = subject ? status_part(text, at + 1 + subject, &to->detail) : 0;
  size_t const end = at + 1 + subject + detail;
  to->class = (unsigned)(text.s[at] - '0');
  return detail && (end >= text.len || !is_word(text.s[end]) || (text.s[end] == '.' && (end + 1 >= text.len || !is_word(text.s[end + 1]))));
}

static bool status_in(struct status *to, struct field text)
{
  for (size_t i = 0; i < text.len; i++)
    if (status_at(to, text, i)) return true;
  return false;
}

bool bounce_status_passes(struct field text)
{
  struct status s;
  if (!status_in(&s, text)) return false;
  return (s.subject == 2 && s.detail == 2) || (s.class == 4 && s.subject != 4);
}

/* ---- bounces of qmail ---- */

/* The next paragraph, with the newline of its last line; *rest moves behind the empty lines that follow. */
static bool paragraph(struct field *p, struct field *rest)
{
  char const *const begin = rest->s;
  struct field line = { 0, 0 };
  if (!rest->len) return false;
  *p = (struct field){ begin, 0 };
  while (rest->len && *rest->s != '\n' && list_line_any(&line, rest)) p->len = (size_t)(rest->s - begin);
  while (rest->len && *rest->s == '\n') rest->s++, rest->len--;
  return true;
}

/* "<ADDRESS>:" */
static bool paragraph_address(struct field *address, struct field p)
{
  char const *newline = p.len ? memchr(p.s, '\n', p.len) : 0;
  struct field const line = { p.s, newline ? (size_t)(newline - p.s) : p.len };
  if (line.len < 4 || *line.s != '<' || memcmp(line.s + line.len - 2, ">:", 2) != 0) return false;
  *address = (struct field){ line.s + 1, line.len - 3 };
  return true;
}

static void failures_of_qmail(struct found *found, struct field message)
{
  struct bounce_failure f;
  struct field rest = message, p;
  if (!paragraph(&p, &rest) || !paragraph(&p, &rest)) return;
  if (starts(p, "--") && !paragraph(&p, &rest)) return;
  if (!starts(p, "Hi. This is the")) return;
  f.head = from_to(message.s, p.s + p.len);
  while (paragraph(&p, &rest) && *p.s != '-') {
    if (!paragraph_address(&f.address, p)) continue;
    f.text = p;
    f.passes = bounce_status_passes(p);
    tell(found, &f);
  }
}

/* ---- delivery reports ---- */

static struct field trimmed(struct field f)
{
  while (f.len && strchr(" \t\r\n", *f.s)) f.s++, f.len--;
  while (f.len && strchr(" \t\r\n", f.s[f.len - 1])) f.len--;
  return f;
}

/* The value of the first field of that name among these lines, with its continuations; empty: there is none. */
static struct field value_of(struct field lines, char const *name)
{
  size_t const len = strlen(name);
  struct field line, value = { 0, 0 };
  while (list_line_any(&line, &lines)) {
    bool const continues = line.len && (*line.s == ' ' || *line.s == '\t');
    if (value.s && !continues) break;
    if (value.s) value.len = (size_t)(line.s + line.len - value.s);
    else if (line.len > len && line.s[len] == ':' && !strncasecmp(line.s, name, len))
      value = (struct field){ line.s + len + 1, line.len - len - 1 };
  }
  return value.s ? trimmed(value) : value;
}

/* "rfc822; joe@example.org" */
static struct field typed_address(struct field value)
{
  char const *semicolon = value.len ? memchr(value.s, ';', value.len) : 0;
  if (semicolon) value = trimmed(from_to(semicolon + 1, value.s + value.len));
  if (value.len > 1 && *value.s == '<' && value.s[value.len - 1] == '>') value.s++, value.len -= 2;
  return value;
}

/* "5.0.0" says nothing; then what the other host said counts. */
static bool group_passes(struct field group)
{
  struct status s;
  struct field const status = value_of(group, "Status");
  if (status_in(&s, status) && (s.subject || s.detail)) return bounce_status_passes(status);
  return bounce_status_passes(value_of(group, "Diagnostic-Code"));
}

/* Whom it was for counts, not where a .forward has sent it. */
static void failure_of_group(struct found *found, struct field head, struct field group)
{
  struct field const action = value_of(group, "Action"), final = typed_address(value_of(group, "Final-Recipient"));
  struct field const original = typed_address(value_of(group, "Original-Recipient"));
  stralloc decoded = STRALLOC_ZERO;
  if (action.len && (action.len != 6 || strncasecmp(action.s, "failed", 6) != 0)) return;
  if (!final.len && !original.len) return;
  while (!xtext_decode(&decoded, original.s, original.len)) memory_gone();
  struct bounce_failure const f = { original.len ? (struct field){ decoded.s, decoded.len } : final, head, group, group_passes(group) };
  tell(found, &f);
  stralloc_free(&decoded);
}

static bool is_status(void *arg, struct field content_type)
{
  struct mime_type type;
  (void)arg;
  mime_type_read(&type, content_type);
  return mime_type_is(type.name, "message/delivery-status") || mime_type_is(type.name, "message/global-delivery-status");
}

static void keep_body(void *arg, enum mime_what what, char const *s, size_t len)
{
  if (what == MIME_BODY) text_addb(arg, s, len);
}

/* The bodies of its parts that are reports. */
static void status_parts(stralloc *to, struct field boundary, struct field body)
{
  struct mime_walk w = { .boundary = boundary, .keeps = is_status, .put = keep_body, .arg = to };
  mime_walk_begin(&w);
  while (body.len) {
    char const *newline = memchr(body.s, '\n', body.len);
    struct line_piece const piece = { body.s, newline ? (size_t)(newline + 1 - body.s) : body.len, true, true };
    mime_walk_piece(&w, &piece);
    body.s += piece.len, body.len -= piece.len;
  }
  mime_walk_end(&w);
}

static void failures_of_reports(struct found *found, struct field message)
{
  stralloc boundary = STRALLOC_ZERO, reports = STRALLOC_ZERO;
  struct field body = message, head, group, rest;
  if (!paragraph(&head, &body)) return;
  if (mime_type_parameter(&boundary, value_of(head, "Content-Type"), "boundary"))
    status_parts(&reports, (struct field){ boundary.s, boundary.len }, body);
  rest = (struct field){ reports.s, reports.len };
  while (paragraph(&group, &rest)) failure_of_group(found, head, group);
  stralloc_free(&boundary), stralloc_free(&reports);
}

/* ---- both ---- */

size_t bounce_failures(struct field message, void (*put)(void *arg, struct bounce_failure const *f), void *arg)
{
  struct found found = { put, arg, 0 };
  failures_of_qmail(&found, message);
  if (!found.count) failures_of_reports(&found, message);
  return found.count;
}

static void note_lasting(void *arg, struct bounce_failure const *f)
{
  bool *lasts = arg;
  *lasts = *lasts || !f->passes;
}

bool bounce_passes(struct field message)
{
  bool lasts = false;
  return bounce_failures(message, note_lasting, &lasts) && !lasts;
}
