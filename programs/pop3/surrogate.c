#include <string.h>
#include <strings.h>

#include "encoded_word.h"
#include "fields.h"
#include "mail_header.h"
#include "surrogate.h"
#include "surrogate_people.h"
#include "text.h"
#include "utf8.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* Nothing but CRs and a newline, as transfer.h has it. */
static bool is_empty(char const *s, size_t len)
{
  while (len && (*s == '\r' || *s == '\n')) s++, len--;
  return !len;
}

/* To behind its newline, or to the end. */
static size_t line_len(char const *s, size_t len)
{
  char const *newline = len ? memchr(s, '\n', len) : 0;
  return newline ? (size_t)(newline - s) + 1 : len;
}

static size_t ascii_len(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && (unsigned char)s[n] < 128) n++;
  return n;
}

bool surrogate_is_needed(char const *s, size_t len)
{
  for (size_t at = 0, n; at < len; at += n) {
    n = line_len(s + at, len - at);
    if (!utf8_is_ascii(s + at, n)) return true;
    if (s[at + n - 1] == '\n' && is_empty(s + at, n)) return false;
  }
  return true;
}

/* ---- one field ---- */

static bool add_subject(stralloc *to, struct field value)
{
  text_addc(to, ' ');
  encoded_word_add(to, value.s, value.len);
  return true;
}

static bool add_people(stralloc *to, struct field value)
{
  surrogate_people(to, value.s, value.len);
  return true;
}

/* Up to the next semicolon outside of quotes. */
static size_t parameter_len(char const *s, size_t len)
{
  bool quoted = false;
  size_t n = 0;
  for (; n < len && (quoted || s[n] != ';'); n++) {
    if (s[n] == '"') quoted = !quoted;
    else if (s[n] == '\\' && quoted && n + 1 < len) n++;
  }
  return n;
}

/* RFC 6858 section 2.2: parameters that cannot be shown are not. */
static bool add_parameters(stralloc *to, struct field value)
{
  size_t n = parameter_len(value.s, value.len);
  if (!utf8_is_ascii(value.s, n)) return false;
  text_addc(to, ' ');
  text_addb(to, value.s, n);
  for (size_t at = n; at < value.len; at += n) {
    n = 1 + parameter_len(value.s + at + 1, value.len - at - 1);
    if (utf8_is_ascii(value.s + at, n)) text_addb(to, value.s + at, n);
  }
  return true;
}

/* RFC 6858 section 2; what is not here is left out, as is what cannot be added. */
static struct { char const *name; bool (*add)(stralloc *to, struct field value); } const fields[] = {
  { "Bcc",                 add_people },
  { "Cc",                  add_people },
  { "Content-Disposition", add_parameters },
  { "Content-Type",        add_parameters },
  { "From",                add_people },
  { "Reply-To",            add_people },
  { "Resent-Bcc",          add_people },
  { "Resent-Cc",           add_people },
  { "Resent-From",         add_people },
  { "Resent-Sender",       add_people },
  { "Resent-To",           add_people },
  { "Return-Path",         add_people },
  { "Sender",              add_people },
  { "Subject",             add_subject },
  { "To",                  add_people },
  { 0 }
};

/* The whole line, or none of it. */
static void add_instead(stralloc *to, struct field name, struct field value)
{
  size_t i = 0, before = to->len;
  while (fields[i].name && !(strlen(fields[i].name) == name.len && !strncasecmp(fields[i].name, name.s, name.len))) i++;
  if (!fields[i].name) return;
  text_addb(to, name.s, name.len);
  text_addc(to, ':');
  if (fields[i].add(to, value)) text_addc(to, '\n');
  else to->len = before;
}

void surrogate_field(stralloc *to, char const *s, size_t len)
{
  size_t body, name;
  if (utf8_is_ascii(s, len) || !utf8_is(s, len)) text_addb(to, s, len);
  else if ((name = mail_header_name_length(s, len, &body)))
    add_instead(to, (struct field){ s, name }, field_trimmed((struct field){ s + body, len - body }));
}

/* ---- a header in pieces ---- */

enum line_kind { CONTINUES, BEGINS, ENDS };

static bool starts(char const *s, size_t len, char const *with)
{
  return len >= strlen(with) && !memcmp(s, with, strlen(with));
}

/* Of the present line; the first one of a mailbox file names its sender. */
static enum line_kind line_kind(struct surrogate const *g)
{
  char const *s = g->field.s + g->line;
  size_t len = g->field.len - g->line, body;
  if (is_blank(*s)) return g->line ? CONTINUES : ENDS;
  if (!g->has_begun && (starts(s, len, "From ") || starts(s, len, ">From "))) return BEGINS;
  return mail_header_name_length(s, len, &body) ? BEGINS : ENDS;
}

static void forget(struct surrogate *g, size_t len)
{
  if (len) memmove(g->field.s, g->field.s + len, g->field.len - len);
  g->field.len -= len;
  g->line = 0;
}

/* The line belongs to the field before it, or that has ended. */
static void judge_line(struct surrogate *g, stralloc *to)
{
  enum line_kind const kind = line_kind(g);
  if (kind == CONTINUES) return;
  size_t const before = g->line;
  if (before) surrogate_field(to, g->field.s, before);
  forget(g, before);
  if (kind == BEGINS) return;
  text_addx(to, &g->field);
  g->field.len = 0;
  g->is_over = true;
}

static void pass(struct surrogate *g, stralloc *to, char const *s, size_t len)
{
  for (size_t at = 0, n; at < len; at += n) {
    n = line_len(s + at, len - at);
    bool const ends = s[at + n - 1] == '\n';
    size_t const shown = g->is_cut ? 0 : ascii_len(s + at, n);
    if (shown < n) g->is_cut = true;
    text_addb(to, s + at, shown);
    if (!ends) continue;
    if (g->is_cut) text_addc(to, '\n');
    g->is_cut = false;
  }
}

static void begin_passing(struct surrogate *g, stralloc *to)
{
  pass(g, to, g->field.s, g->field.len);
  g->field.len = g->line = 0;
  g->is_passing = true;
}

static void gather(struct surrogate *g, stralloc *to, char const *s, size_t len, bool begins)
{
  if (begins) g->line = g->field.len;
  text_addb(&g->field, s, len);
  if (!g->is_in_line || g->field.len > SURROGATE_FIELD_MAX) judge_line(g, to);
  if (g->field.len > SURROGATE_FIELD_MAX) begin_passing(g, to);
}

static void take_piece(struct surrogate *g, stralloc *to, char const *s, size_t len)
{
  bool const begins = !g->is_in_line;
  g->is_in_line = s[len - 1] != '\n';
  if (begins && !is_blank(*s)) g->is_passing = false;
  if (g->is_passing) pass(g, to, s, len);
  else gather(g, to, s, len, begins);
  if (!g->is_in_line) g->has_begun = true;
}

size_t surrogate_take(struct surrogate *g, stralloc *to, char const *s, size_t len)
{
  size_t at = 0;
  while (at < len && !g->is_over) {
    size_t const n = line_len(s + at, len - at);
    take_piece(g, to, s + at, n);
    at += n;
  }
  return at;
}

void surrogate_end(struct surrogate *g, stralloc *to)
{
  if (g->field.len && g->is_in_line) judge_line(g, to);
  if (g->field.len) surrogate_field(to, g->field.s, g->field.len);
  stralloc_free(&g->field);
}
