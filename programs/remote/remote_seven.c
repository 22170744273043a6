#include <string.h>

#include "bytes.h"
#include "remote_seven.h"

enum { HEADER, LEAF, BESIDE /* in front of, between and behind parts */ };

static char const header_is_eight_bit[] = "its header has 8-bit characters";
static char const header_is_too_long[] = "it has a header of more than 65536 bytes";
static char const says_nothing[] = "nothing says what its 8-bit characters mean (it has no MIME header)";
static char const sealed_is_eight_bit[] = "a signed, encrypted or encoded part of it has 8-bit characters";
static char const beside_is_eight_bit[] = "it has 8-bit characters outside of its parts";
static char const parts_unclear[] = "it is not clear where its parts begin and end";
static char const too_many_parts[] = "it has too many parts";

static void start(struct seven *s, bool writes)
{
  s->writes = writes;
  s->at = HEADER;
  s->of_message = true;
  s->silent = s->quotes = s->sealed = s->coded = s->after_cr = s->continues = false;
  s->line_len = s->depth = s->leaf = s->header_len = s->pending_len = 0;
  s->quote = (struct quote){ 0 };
}

void seven_learn(struct seven *s)
{
  s->problem = 0;
  s->header_is_wide = false;
  memset(s->needs, 0, sizeof s->needs);
  start(s, false);
}

void seven_write(struct seven *s)
{
  start(s, true);
}

static bool put(struct seven const *s, stralloc *to, char const *text, size_t len)
{
  return !s->writes || bytes_addb(to, text, len);
}

static void complain(struct seven *s, char const *problem)
{
  if (!s->problem) s->problem = problem;
}

static bool has_eight_bits(char const *s, size_t len)
{
  unsigned char all = 0;
  for (size_t i = 0; i < len; i++) all |= (unsigned char)s[i];
  return all & 128;
}

/* ---- headers ---- */

static void enter_leaf(struct seven *s, struct mime const *m)
{
  s->at = LEAF;
  s->coded = m->coding >= MIME_CODED || m->kind == MIME_SEALED_LEAF;
  if (s->leaf == SEVEN_LEAVES_MAX) complain(s, too_many_parts);
  else s->leaf++;
  s->quotes = s->writes && s->needs[(s->leaf - 1) / 8] & 1 << (s->leaf - 1) % 8;
}

static void enter_parts(struct seven *s, struct mime const *m)
{
  s->at = BESIDE;
  if (s->depth == SEVEN_DEPTH_MAX) {
    complain(s, too_many_parts);
    return;
  }
  s->sealed = s->sealed || m->kind == MIME_SEALED_PARTS;
  struct seven_parts *p = s->parts + s->depth++;
  *p = (struct seven_parts){ .boundary_len = m->boundary_len, .sealed = s->sealed, .is_digest = m->is_digest };
  memcpy(p->boundary, m->boundary, m->boundary_len);
}

static void enter(struct seven *s, struct mime const *m)
{
  s->quotes = false;
  s->silent = s->of_message && !m->is_said;
  s->of_message = m->kind == MIME_MESSAGE;
  if (m->kind == MIME_LEAF || m->kind == MIME_SEALED_LEAF) enter_leaf(s, m);
  else if (!s->of_message) enter_parts(s, m);
}

/* What a message within says of its own text is heard there, so it cannot be encoded as a whole. */
static void read_header(struct seven *s, struct mime *m)
{
  mime_read(m, s->header, s->header_len);
  bool in_digest = !s->of_message && s->depth && s->parts[s->depth - 1].is_digest;
  if (in_digest && !m->is_typed) m->kind = MIME_MESSAGE;
  bool wide = has_eight_bits(s->header, s->header_len);
  s->header_is_wide = s->header_is_wide || wide;
  if (wide) complain(s, header_is_eight_bit);
  if (m->is_broken || (m->kind == MIME_MESSAGE && m->coding >= MIME_CODED)) complain(s, parts_unclear);
}

/* What the header is to say of a text that has no 8-bit bytes any more; null: what it says. */
static char const *new_coding(struct seven const *s, struct mime const *m, bool sealed)
{
  if (s->quotes) return "Content-Transfer-Encoding: quoted-printable\n";
  bool says_more = m->coding == MIME_8BIT || m->coding == MIME_BINARY;
  return says_more && !sealed ? "Content-Transfer-Encoding: 7bit\n" : 0;
}

static bool put_header(struct seven *s, stralloc *to, char const *coding)
{
  char const *field = s->header;
  for (size_t left = s->header_len, n; left; field += n, left -= n) {
    n = mime_field_len(field, left);
    bool replaced = coding && mime_field_is(field, n, "Content-Transfer-Encoding");
    if (!replaced && !put(s, to, field, n)) return false;
  }
  return !coding || put(s, to, coding, strlen(coding));
}

static bool end_header(struct seven *s, stralloc *to)
{
  struct mime m;
  bool sealed = s->sealed;
  read_header(s, &m);
  enter(s, &m);
  bool done = put_header(s, to, new_coding(s, &m, sealed));
  s->header_len = 0;
  return done;
}

/* ---- lines ---- */

static bool is_blank_to_end(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (s[i] != ' ' && s[i] != '\t') return false;
  return true;
}

/* Whether the line is a border of these parts, and the last. */
static bool is_border(struct seven_parts const *p, char const *s, size_t len, bool *closes)
{
  size_t n = p->boundary_len;
  if (len < n + 2 || memcmp(s, "--", 2) != 0 || memcmp(s + 2, p->boundary, n) != 0) return false;
  s += n + 2;
  len -= n + 2;
  *closes = len >= 2 && !memcmp(s, "--", 2);
  return is_blank_to_end(s + 2 * *closes, len - 2 * *closes);
}

/* The number of the parts whose border it is, plus one; 0: it is none. */
static size_t border(struct seven const *s, char const *line, size_t len, bool *closes)
{
  size_t i = s->depth;
  while (i && !is_border(s->parts + i - 1, line, len, closes)) i--;
  return i;
}

static void cross(struct seven *s, size_t depth, bool closes)
{
  s->depth = closes ? depth - 1 : depth;
  s->sealed = s->depth && s->parts[s->depth - 1].sealed;
  s->at = closes ? BESIDE : HEADER;
  s->of_message = s->quotes = false;
}

static bool end_part(struct seven *s, stralloc *to, size_t depth, bool closes)
{
  if (s->at == HEADER && !end_header(s, to)) return false;
  cross(s, depth, closes);
  return true;
}

static bool take_header(struct seven *s, stralloc *to, char const *text, size_t len, bool ends)
{
  if (!len && ends && s->line_len == 0) return end_header(s, to) && put(s, to, "\n", 1);
  if (len + ends > sizeof s->header - s->header_len) {
    complain(s, header_is_too_long);
    return true;
  }
  memcpy(s->header + s->header_len, text, len);
  s->header_len += len;
  if (ends) s->header[s->header_len++] = '\n';
  return true;
}

static void look(struct seven *s, char const *text, size_t len)
{
  bool eight_bit = has_eight_bits(text, len), fixed = s->silent || s->sealed || s->coded;
  if (s->at == BESIDE) {
    if (eight_bit) complain(s, beside_is_eight_bit);
  } else if (fixed) {
    if (eight_bit) complain(s, s->silent ? says_nothing : sealed_is_eight_bit);
  } else if (eight_bit || s->line_len > SEVEN_LINE_MAX) {
    s->needs[(s->leaf - 1) / 8] |= (unsigned char)(1 << (s->leaf - 1) % 8);
  }
}

static bool take_body(struct seven *s, stralloc *to, char const *text, size_t len, bool ends)
{
  look(s, text, len);
  bool done = s->quotes ? quote_add(&s->quote, to, text, len, ends) : put(s, to, text, len);
  return done && (!ends || put(s, to, "\n", 1));
}

/* A line, or a piece of a long one, which is no border. */
static bool take(struct seven *s, stralloc *to, bool ends)
{
  bool closes, whole = ends && !s->continues;
  size_t const len = s->pending_len;
  s->line_len = s->continues ? s->line_len + len : len;
  s->continues = !ends;
  s->pending_len = 0;
  size_t depth = whole ? border(s, s->pending, len, &closes) : 0;
  if (depth) return end_part(s, to, depth, closes) && put(s, to, s->pending, len) && put(s, to, "\n", 1);
  return s->at == HEADER ? take_header(s, to, s->pending, len, ends) : take_body(s, to, s->pending, len, ends);
}

/* The last byte stays: only at the end of the line it is known whether it is the last one there, too. */
static bool make_room(struct seven *s, stralloc *to)
{
  char last = s->pending[--s->pending_len];
  if (!take(s, to, false)) return false;
  s->pending[s->pending_len++] = last;
  return true;
}

static bool take_byte(struct seven *s, stralloc *to, char c)
{
  bool after_cr = s->after_cr;
  s->after_cr = c == '\r';
  if (c == '\n' && after_cr) return true;
  if (c == '\n' || c == '\r') return take(s, to, true);
  if (s->pending_len == sizeof s->pending && !make_room(s, to)) return false;
  s->pending[s->pending_len++] = c;
  return true;
}

bool seven_text(struct seven *s, stralloc *to, char const *text, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!take_byte(s, to, text[i])) return false;
  return true;
}

bool seven_end(struct seven *s, stralloc *to)
{
  if ((s->pending_len || s->continues) && !take(s, to, true)) return false;
  return s->at != HEADER || end_header(s, to);
}
