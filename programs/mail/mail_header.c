#include <string.h>
#include <strings.h>
#include <sys/uio.h>

#include "bytes.h"
#include "mail_header.h"

enum line { LINE, LINE_CUT /* longer than max */, LINE_NONE, LINE_UNREADABLE };

static char const mbox_name[] = "MBOX-Line: ";

/* Takes bytes up to the newline, or max of them, from one stretch of the buffer; 0 without memory. */
static size_t take(stralloc *line, buffer *in, size_t max, bool *whole)
{
  struct iovec v[2];
  buffer_rpeek(in, v);
  size_t n = v[0].iov_len < max ? v[0].iov_len : max;
  char const *newline = memchr(v[0].iov_base, '\n', n);
  if (newline) n = (size_t)(newline - (char const *)v[0].iov_base) + 1;
  *whole = newline;
  if (!bytes_addb(line, v[0].iov_base, n)) return 0;
  buffer_rseek(in, n);
  return n;
}

/* Programs that know mail from SMTP end their lines with CR LF. */
static void cut_crs(stralloc *line)
{
  size_t end = line->len - 1;
  while (end && line->s[end - 1] == '\r') end--;
  line->s[end] = '\n';
  line->len = end + 1;
}

static enum line read_line(stralloc *line, buffer *in, size_t max)
{
  line->len = 0;
  for (bool whole = false; !whole && max;) {
    if (!buffer_len(in)) {
      ssize_t r = buffer_fill(in);
      if (r == -1) return LINE_UNREADABLE;
      if (r == 0) return line->len ? LINE : LINE_NONE;
    }
    size_t taken = take(line, in, max, &whole);
    if (!taken) return LINE_UNREADABLE;
    max -= taken;
  }
  if (line->s[line->len - 1] != '\n') return LINE_CUT;
  cut_crs(line);
  return LINE;
}

size_t mail_header_name_length(char const *s, size_t len, size_t *body)
{
  size_t name = 0;
  while (name < len && s[name] > ' ' && s[name] < 127 && s[name] != ':') name++;
  size_t i = name;
  while (i < len && (s[i] == ' ' || s[i] == '\t')) i++;
  if (i == len || s[i] != ':') return 0;
  *body = i + 1;
  return name;
}

/* 1; 0 if it is none; -1 without memory. So for those below. */
static int add_field(struct mail_header *h, char const *prefix, stralloc const *line)
{
  struct mail_header_field f = { .begin = h->text.len };
  if (!bytes_add(&h->text, prefix) || !bytes_addb(&h->text, line->s, line->len)) return -1;
  f.end = h->text.len;
  f.name_len = mail_header_name_length(h->text.s + f.begin, f.end - f.begin, &f.body);
  if (!f.name_len) return (h->text.len = f.begin, 0);
  return genalloc_append(struct mail_header_field, &h->fields, &f) ? 1 : -1;
}

static int add_continuation(struct mail_header *h, stralloc const *line)
{
  size_t count = mail_header_count(h);
  if (!count) return 0;
  if (!bytes_addb(&h->text, line->s, line->len)) return -1;
  genalloc_s(struct mail_header_field, &h->fields)[count - 1].end = h->text.len;
  return 1;
}

static int add_line(struct mail_header *h, stralloc const *line)
{
  if (line->s[0] == ' ' || line->s[0] == '\t') return add_continuation(h, line);
  int added = add_field(h, "", line);
  if (added || line->len < 5 || memcmp(line->s, "From ", 5) != 0) return added;
  return add_field(h, mbox_name, line);
}

static bool end_last_line(struct mail_header *h)
{
  size_t count = mail_header_count(h);
  if (!count || h->text.s[h->text.len - 1] == '\n') return true;
  if (!bytes_addc(&h->text, '\n')) return false;
  cut_crs(&h->text);
  genalloc_s(struct mail_header_field, &h->fields)[count - 1].end = h->text.len;
  return true;
}

static bool begin_body(struct mail_header *h, stralloc const *line)
{
  h->has_body = true;
  return (line->len == 1 && line->s[0] == '\n') || bytes_setb(&h->body_start, line->s, line->len);
}

static enum mail_header_result take_line(struct mail_header *h, stralloc const *line)
{
  int added = add_line(h, line);
  if (added == -1 || (!added && !begin_body(h, line))) return MAIL_HEADER_UNREADABLE;
  return added && h->text.len > MAIL_HEADER_MAX ? MAIL_HEADER_TOO_LONG : MAIL_HEADER_OK;
}

enum mail_header_result mail_header_read(struct mail_header *h, buffer *in)
{
  stralloc line = STRALLOC_ZERO;
  enum mail_header_result r = MAIL_HEADER_OK;
  enum line got = LINE;
  while (r == MAIL_HEADER_OK && !h->has_body && (got = read_line(&line, in, MAIL_HEADER_MAX + 1)) != LINE_NONE)
    r = got == LINE_UNREADABLE ? MAIL_HEADER_UNREADABLE : take_line(h, &line);
  if (r == MAIL_HEADER_OK && !end_last_line(h)) r = MAIL_HEADER_UNREADABLE;
  stralloc_free(&line);
  return r;
}

/* ---- asking ---- */

static bool is_around(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct field mail_header_value(struct mail_header const *h, struct mail_header_field const *f)
{
  struct field value = { h->text.s + f->begin + f->body, f->end - f->begin - f->body };
  while (value.len && is_around(*value.s)) value.s++, value.len--;
  while (value.len && is_around(value.s[value.len - 1])) value.len--;
  return value;
}

bool mail_header_find(struct field *value, struct mail_header const *h, char const *name)
{
  for (size_t i = 0; i < mail_header_count(h); i++) {
    struct mail_header_field const *f = mail_header_field(h, i);
    if (f->name_len != strlen(name) || strncasecmp(h->text.s + f->begin, name, f->name_len) != 0) continue;
    *value = mail_header_value(h, f);
    return true;
  }
  return false;
}
