#include <string.h>
#include <strings.h>

#include "remote_mime.h"

struct text { char const *s, *end; };

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_of_token(char c)
{
  return c > ' ' && c <= '~' && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* Comments may nest, and hold quoted characters. */
static void skip_comment(struct text *t)
{
  unsigned depth = 0;
  do {
    if (*t->s == '\\' && t->s + 1 < t->end) t->s++;
    else if (*t->s == '(') depth++;
    else if (*t->s == ')') depth--;
    t->s++;
  } while (depth && t->s < t->end);
}

static void skip(struct text *t)
{
  while (t->s < t->end && (is_blank(*t->s) || *t->s == '(')) {
    if (*t->s == '(') skip_comment(t);
    else t->s++;
  }
}

static bool take(struct text *t, char c)
{
  skip(t);
  if (t->s == t->end || *t->s != c) return false;
  t->s++;
  return true;
}

/* Empty: there is none. */
static struct text take_token(struct text *t)
{
  skip(t);
  struct text token = { t->s, t->s };
  while (t->s < t->end && is_of_token(*t->s)) t->s++;
  token.end = t->s;
  return token;
}

static bool is(struct text t, char const *word)
{
  size_t n = strlen(word);
  return (size_t)(t.end - t.s) == n && !strncasecmp(t.s, word, n);
}

/* ---- a parameter: its value goes to `to`, if it fits ---- */

static bool add(struct mime *to, char c)
{
  if (to->boundary_len == MIME_BOUNDARY_MAX) return false;
  to->boundary[to->boundary_len++] = c;
  return true;
}

static bool take_quoted(struct text *t, struct mime *to)
{
  for (; t->s < t->end && *t->s != '"'; t->s++) {
    if (*t->s == '\\' && t->s + 1 < t->end) t->s++;
    if (*t->s == '\n' || *t->s == '\r') continue;
    if (!add(to, *t->s)) return false;
  }
  return t->s < t->end && t->s++;
}

static bool take_value(struct text *t, struct mime *to)
{
  to->boundary_len = 0;
  if (take(t, '"')) return take_quoted(t, to);
  struct text token = take_token(t);
  for (; token.s < token.end; token.s++)
    if (!add(to, *token.s)) return false;
  return true;
}

/* Blanks at the end of a boundary are none of it (RFC 2046 5.1.1). */
static bool find_boundary(struct text t, struct mime *to)
{
  struct mime other;
  bool found = false;
  while (take(&t, ';')) {
    bool wanted = is(take_token(&t), "boundary");
    if (!take(&t, '=')) continue;
    if (!take_value(&t, wanted ? to : &other) && wanted) return false;
    if (wanted && found) return false;
    found = found || wanted;
    while (t.s < t.end && *t.s != ';') t.s++;
  }
  while (to->boundary_len && is_blank(to->boundary[to->boundary_len - 1])) to->boundary_len--;
  return found && to->boundary_len;
}

/* ---- the fields ---- */

/* RFC 2046 5.2: only of messages whole and in clear, text can be encoded within. Those with a header beyond ASCII, and
   reports of such, may be encoded as they are (RFC 6532 3.7, RFC 6533 6). */
static enum mime_kind kind_of_message(struct text subtype)
{
  bool global = is(subtype, "global") || is(subtype, "global-headers") || is(subtype, "global-delivery-status");
  return is(subtype, "rfc822") ? MIME_MESSAGE : global ? MIME_LEAF : MIME_SEALED_LEAF;
}

static enum mime_kind kind_of(struct text type, struct text subtype)
{
  if (is(type, "multipart")) return is(subtype, "signed") || is(subtype, "encrypted") ? MIME_SEALED_PARTS : MIME_PARTS;
  if (is(type, "message")) return kind_of_message(subtype);
  bool sealed = is(type, "application") && (is(subtype, "pkcs7-mime") || is(subtype, "x-pkcs7-mime"));
  return sealed ? MIME_SEALED_LEAF : MIME_LEAF;
}

static void take_type(struct text t, struct mime *to)
{
  struct text type = take_token(&t), subtype = { t.s, t.s };
  if (take(&t, '/')) subtype = take_token(&t);
  to->kind = kind_of(type, subtype);
  to->is_digest = is(subtype, "digest");
  bool has_parts = to->kind == MIME_PARTS || to->kind == MIME_SEALED_PARTS;
  if (has_parts && !find_boundary(t, to)) to->is_broken = true;
}

static void take_coding(struct text t, struct mime *to)
{
  static struct { char const *word; enum mime_coding coding; } const words[] = {
    { "7bit", MIME_7BIT }, { "8bit", MIME_8BIT }, { "binary", MIME_BINARY },
    { "quoted-printable", MIME_CODED }, { "base64", MIME_CODED }
  };
  struct text word = take_token(&t);
  to->coding = MIME_UNKNOWN_CODING;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (is(word, words[i].word)) to->coding = words[i].coding;
}

static size_t line_len(char const *s, size_t len)
{
  char const *newline = memchr(s, '\n', len);
  return newline ? (size_t)(newline - s) + 1 : len;
}

size_t mime_field_len(char const *s, size_t len)
{
  size_t n = line_len(s, len);
  while (n < len && (s[n] == ' ' || s[n] == '\t')) n += line_len(s + n, len - n);
  return n;
}

char const *mime_field_value(char const *s, size_t len, char const *name)
{
  size_t n = strlen(name);
  if (len <= n || strncasecmp(s, name, n) != 0) return 0;
  while (n < len && (s[n] == ' ' || s[n] == '\t')) n++;
  return n < len && s[n] == ':' ? s + n + 1 : 0;
}

bool mime_field_is(char const *s, size_t len, char const *name)
{
  return mime_field_value(s, len, name);
}

void mime_read(struct mime *to, char const *s, size_t len)
{
  bool typed = false, coded = false;
  *to = (struct mime){ .kind = MIME_LEAF };
  for (size_t n; len; s += n, len -= n) {
    n = mime_field_len(s, len);
    char const *type = mime_field_value(s, n, "Content-Type"), *coding = mime_field_value(s, n, "Content-Transfer-Encoding");
    to->is_said = to->is_said || type || mime_field_is(s, n, "MIME-Version");
    if ((type && typed) || (coding && coded)) to->is_broken = true;
    if (type) take_type((struct text){ type, s + n }, to);
    if (coding) take_coding((struct text){ coding, s + n }, to);
    typed = to->is_typed = typed || type;
    coded = coded || coding;
  }
}
