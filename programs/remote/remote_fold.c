#include <string.h>
#include <strings.h>

#include "remote_fold.h"
#include "remote_mime.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static bool is_end(char c)
{
  return c == '\n' || c == '\r';
}

/* ---- what the header says ---- */

static size_t line_len(char const *s, size_t len)
{
  char const *newline = len ? memchr(s, '\n', len) : 0;
  return newline ? (size_t)(newline - s) + 1 : len;
}

/* Whether the value begins with the word; a folded one may begin in the next line. */
static bool begins_with(char const *value, char const *end, char const *word)
{
  size_t n = strlen(word);
  while (value < end && (is_blank(*value) || is_end(*value))) value++;
  if ((size_t)(end - value) < n || strncasecmp(value, word, n) != 0) return false;
  return value + n == end || strchr(" \t\r\n;(", value[n]);
}

static bool is_signed(char const *line, size_t len)
{
  static char const *const names[] = { "DKIM-Signature", "DomainKey-Signature", "ARC-Seal", "ARC-Message-Signature" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (mime_field_is(line, len, names[i])) return true;
  return false;
}

static bool is_plain_text(char const *line, size_t len, char const *end)
{
  char const *type = mime_field_value(line, len, "Content-Type"), *coding = mime_field_value(line, len, "Content-Transfer-Encoding");
  if (type) return begins_with(type, end, "text/plain");
  return !coding || begins_with(coding, end, "7bit") || begins_with(coding, end, "8bit");
}

static bool is_end_of_header(char const *line, size_t len)
{
  return len && is_end(*line);
}

void fold_begin(struct fold *f, char const *header, size_t len)
{
  char const *end = header + len;
  *f = (struct fold){ .header = true, .folds_header = true, .folds_body = true };
  for (size_t at = 0, n; at < len; at += n) {
    n = line_len(header + at, len - at);
    if (is_end_of_header(header + at, n)) return;
    if (is_signed(header + at, n)) f->folds_header = f->folds_body = false;
    if (!is_plain_text(header + at, n, end)) f->folds_body = false;
  }
  if (len >= FOLD_HEADER_MAX) f->folds_header = f->folds_body = false;
}

/* ---- the text ---- */

static bool all_blank(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!is_blank(s[i])) return false;
  return true;
}

/* How many bytes of the pending line can make a line of their own; 0: none. Neither part may be all blank: that would end
   the header for some. */
static size_t cut_header(struct fold const *f)
{
  size_t i = f->len - 1;
  while (--i > 0)
    if (is_blank(f->pending[i]) && !is_blank(f->pending[i + 1])) break;
  return all_blank(f->pending, i) ? 0 : i;
}

static size_t cut_body(struct fold const *f)
{
  size_t i = f->len;
  while (i > 0 && !is_blank(f->pending[i - 1])) i--;
  return all_blank(f->pending, i) ? 0 : i;
}

static size_t cut(struct fold const *f)
{
  if (f->header) return f->folds_header ? cut_header(f) : 0;
  return f->folds_body ? cut_body(f) : 0;
}

static size_t put(char *to, char const *s, size_t len)
{
  memcpy(to, s, len);
  return len;
}

static size_t put_pending(struct fold *f, char *to)
{
  size_t len = put(to, f->pending, f->len);
  f->len = 0;
  return len;
}

/* The pending line is full and goes on. */
static size_t overflow(struct fold *f, char *to)
{
  size_t len = cut(f);
  if (!len) {
    f->passes = true;
    return put_pending(f, to);
  }
  memcpy(to, f->pending, len);
  to[len] = '\n';
  f->len -= len;
  memmove(f->pending, f->pending + len, f->len);
  return len + 1;
}

static size_t end_line(struct fold *f, char *to, char c)
{
  bool empty = !f->len && !f->passes && !(c == '\n' && f->after_cr);
  if (empty) f->header = false;
  size_t len = put_pending(f, to);
  f->passes = false;
  f->after_cr = c == '\r';
  to[len] = c;
  return len + 1;
}

/* How many bytes of s can be taken as they are: to the end of the line, or what the pending line has room for. */
static size_t run(struct fold const *f, char const *s, size_t len)
{
  size_t room = f->passes ? len : FOLD_LINE_MAX - f->len, n = 0;
  if (room > len) room = len;
  while (n < room && !is_end(s[n])) n++;
  return n;
}

size_t fold_text(struct fold *f, char *to, char const *s, size_t len)
{
  size_t out = 0;
  for (size_t i = 0, n; i < len; i += n) {
    n = run(f, s + i, len - i);
    if (f->passes) out += put(to + out, s + i, n);
    else f->len += put(f->pending + f->len, s + i, n);
    if (n) f->after_cr = false;
    if (i + n == len) break;
    if (is_end(s[i + n])) out += end_line(f, to + out, s[i + n++]);
    else out += overflow(f, to + out);
  }
  return out;
}

size_t fold_end(struct fold *f, char *to)
{
  return put_pending(f, to);
}
