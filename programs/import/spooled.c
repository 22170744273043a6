#include <string.h>

#include "nameset.h"
#include "spooled.h"
#include "text.h"

void spooled_clear(struct spooled *m)
{
  m->sender.len = m->recipients.len = m->header.len = 0;
  m->has_crlf = false;
  m->fault = 0;
}

void spooled_add_recipient(struct spooled *m, struct field f)
{
  if (!f.len) return;
  text_addb(&m->recipients, f.s, f.len);
  text_end(&m->recipients);
}

void spooled_remove_recipient(struct spooled *m, struct field f)
{
  for (size_t at = 0; at < m->recipients.len;) {
    size_t len = strlen(m->recipients.s + at);
    bool same = len == f.len && nameset_same(m->recipients.s + at, f.s, len);
    if (same) memmove(m->recipients.s + at, m->recipients.s + at + len + 1, m->recipients.len - at - len - 1);
    if (same) m->recipients.len -= len + 1;
    else at += len + 1;
  }
}

/* ---- Postfix ---- */

static struct field line_next(struct field *rest)
{
  char const *end = rest->len ? memchr(rest->s, '\n', rest->len) : 0;
  struct field line = { rest->s, end ? (size_t)(end - rest->s) : rest->len };
  *rest = (struct field){ rest->s + line.len + (end != 0), rest->len - line.len - (end != 0) };
  return line;
}

static bool begins(struct field *line, char const *with)
{
  size_t len = strlen(with);
  if (line->len < len || memcmp(line->s, with, len) != 0) return false;
  *line = (struct field){ line->s + len, line->len - len };
  return true;
}

bool spooled_read_postfix(struct spooled *m, struct field rest)
{
  bool has_sender = false;
  spooled_clear(m);
  while (rest.len) {
    struct field line = line_next(&rest);
    if (memchr(line.s, 0, line.len)) continue;
    if (begins(&line, "sender: ") || begins(&line, "sender:")) {
      text_setb(&m->sender, line.s, line.len);
      has_sender = true;
    } else if (begins(&line, "recipient: ")) {
      spooled_add_recipient(m, line);
    }
  }
  if (!has_sender) m->fault = "it has no sender";
  return has_sender;
}

/* ---- sendmail ---- */

/* <joe@x> is joe@x; what is behind it is a comment. */
static struct field unbracketed(struct field f)
{
  char const *open = f.len ? memchr(f.s, '<', f.len) : 0;
  char const *close = open ? memchr(open, '>', (size_t)(f.s + f.len - open)) : 0;
  if (!close) return f;
  return (struct field){ open + 1, (size_t)(close - open) - 1 };
}

/* RPFD:<ann@x>: flags in front, since version 8. */
static struct field recipient_of(struct field f)
{
  size_t i = 0;
  while (i < f.len && ((f.s[i] >= 'A' && f.s[i] <= 'Z') || (f.s[i] >= 'a' && f.s[i] <= 'z'))) i++;
  if (i < f.len && f.s[i] == ':') f = (struct field){ f.s + i + 1, f.len - i - 1 };
  return unbracketed(f);
}

/* H?flags?Name: value, with the lines that continue it. What stands for something else yet is not for others: it has a byte of 128
   or 129 in front of a letter. */
static void add_header(struct spooled *m, struct field line, struct field *rest)
{
  stralloc field = STRALLOC_ZERO;
  if (line.len && *line.s == '?') {
    char const *end = memchr(line.s + 1, '?', line.len - 1);
    if (end) line = (struct field){ end + 1, (size_t)(line.s + line.len - end) - 1 };
  }
  text_addb(&field, line.s, line.len);
  text_addc(&field, '\n');
  while (rest->len && (*rest->s == ' ' || *rest->s == '\t')) {
    line = line_next(rest);
    text_addb(&field, line.s, line.len);
    text_addc(&field, '\n');
  }
  bool is_plain = !memchr(field.s, '\201', field.len) && memchr(field.s, ':', field.len) && strncasecmp(field.s, "return-path:", 12) != 0;
  if (is_plain) text_addx(&m->header, &field);
  stralloc_free(&field);
}

bool spooled_read_sendmail(struct spooled *m, struct field rest)
{
  bool has_sender = false, has_end = false;
  spooled_clear(m);
  while (rest.len && !has_end) {
    struct field line = line_next(&rest), value = { line.s + 1, line.len ? line.len - 1 : 0 };
    if (!line.len || memchr(line.s, 0, line.len)) continue;
    switch (*line.s) {
      case 'S':
        value = unbracketed(value);
        text_setb(&m->sender, value.s, value.len);
        has_sender = true;
        break;
      case 'R': spooled_add_recipient(m, recipient_of(value)); break;
      case 'H': add_header(m, value, &rest); break;
      case '.': has_end = line.len == 1; break;
    }
  }
  if (!has_sender || !has_end) m->fault = "it is not whole";
  return !m->fault;
}

/* ---- Exim ---- */

/* "address errors-to len,parent#1": what stands behind a sign and digits at the end is about the address. */
static struct field plain_recipient(struct field f)
{
  size_t i = f.len;
  while (i && f.s[i - 1] >= '0' && f.s[i - 1] <= '9') i--;
  if (i == f.len || !i || f.s[i - 1] != '#') return f;
  bool quoted = false;
  for (i = 0; i < f.len && (quoted || f.s[i] != ' '); i++) quoted ^= f.s[i] == '"';
  return (struct field){ f.s, i };
}

static size_t number_of(struct field *f)
{
  size_t n = 0, i = 0;
  for (; i < f->len && i < 9 && f->s[i] >= '0' && f->s[i] <= '9'; i++) n = n * 10 + (size_t)(f->s[i] - '0');
  *f = (struct field){ f->s + i, i ? f->len - i : 0 };
  return n;
}

/* 128P Received: ...: a length, what it is, a blank, and so many bytes. */
static bool read_headers(struct spooled *m, struct field rest)
{
  while (rest.len) {
    struct field from = rest;
    size_t len = number_of(&rest);
    if (rest.s == from.s || rest.len < 2 || rest.s[1] != ' ' || len > rest.len - 2) return false;
    if (*rest.s != '*') text_addb(&m->header, rest.s + 2, len);
    rest = (struct field){ rest.s + 2 + len, rest.len - 2 - len };
  }
  return true;
}

/* XX, or a tree of addresses that are done: two letters, which say whether there are branches, a blank and the address. */
static bool read_done(stralloc *done, struct field *rest, struct field line)
{
  size_t open = 1;
  for (;; line = line_next(rest)) {
    bool is_none = field_is(line, "XX");
    if (is_none) return true;
    if (line.len < 4 || !memchr("YN", line.s[0], 2) || !memchr("YN", line.s[1], 2) || line.s[2] != ' ') return false;
    open += (size_t)(line.s[0] == 'Y') + (size_t)(line.s[1] == 'Y');
    text_addb(done, line.s + 3, line.len - 3);
    text_end(done);
    if (!--open) return true;
    if (!rest->len) return false;
  }
}

static bool read_recipients(struct spooled *m, struct field *rest)
{
  struct field count = line_next(rest);
  size_t n = number_of(&count);
  if (count.len || n > rest->len) return false;
  while (n--) {
    struct field line = line_next(rest);
    if (!line.len || memchr(line.s, 0, line.len)) return false;
    spooled_add_recipient(m, plain_recipient(line));
  }
  return true;
}

static bool read_envelope(struct spooled *m, struct field *rest, stralloc *done)
{
  line_next(rest);                      /* ID-H */
  line_next(rest);                      /* who called */
  struct field sender = line_next(rest);
  if (sender.len < 2 || *sender.s != '<' || sender.s[sender.len - 1] != '>' || memchr(sender.s, 0, sender.len)) return false;
  text_setb(&m->sender, sender.s + 1, sender.len - 2);
  line_next(rest);                      /* when */
  struct field line = line_next(rest);
  for (; line.len && *line.s == '-'; line = line_next(rest))
    if (field_is(line, "-spool_file_wireformat")) m->has_crlf = true;
  if (!read_done(done, rest, line) || !read_recipients(m, rest)) return false;
  return rest->len && !line_next(rest).len;
}

bool spooled_read_exim(struct spooled *m, struct field h, struct field j)
{
  stralloc done = STRALLOC_ZERO;
  spooled_clear(m);
  bool sound = read_envelope(m, &h, &done) && read_headers(m, h);
  for (size_t at = 0; at < done.len; at += strlen(done.s + at) + 1) spooled_remove_recipient(m, field_of(done.s + at));
  while (j.len) spooled_remove_recipient(m, line_next(&j));
  if (!sound) m->fault = "it is not whole";
  stralloc_free(&done);
  return sound;
}
