#include <string.h>
#include <strings.h>

#include "base64.h"
#include "subject.h"
#include "text.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct field trimmed(struct field f)
{
  while (f.len && is_blank(*f.s)) f.s++, f.len--;
  while (f.len && is_blank(f.s[f.len - 1])) f.len--;
  return f;
}

void subject_unfold(stralloc *to, struct field value)
{
  size_t const begun = to->len;
  while (value.len) {
    char const *newline = memchr(value.s, '\n', value.len);
    size_t len = newline ? (size_t)(newline - value.s) : value.len;
    struct field line = trimmed((struct field){ value.s, len });
    if (line.len && to->len > begun) text_addc(to, ' ');
    text_addb(to, line.s, line.len);
    len += newline != 0;
    value.s += len;
    value.len -= len;
  }
}

/* ---- encoded words ---- */

struct word { struct field charset, text; char encoding; size_t len; };

/* The encoded word the text begins with: =?charset?q?text?= */
static bool word_at(struct word *w, struct field f)
{
  char const *charset_end, *text, *end;
  if (f.len < 8 || f.s[0] != '=' || f.s[1] != '?') return false;
  charset_end = memchr(f.s + 2, '?', f.len - 2);
  if (!charset_end || charset_end == f.s + 2 || (size_t)(f.s + f.len - charset_end) < 5 || charset_end[2] != '?') return false;
  w->charset = (struct field){ f.s + 2, (size_t)(charset_end - f.s - 2) };
  w->encoding = (char)(charset_end[1] | 32);
  text = charset_end + 3;
  end = memchr(text, '?', (size_t)(f.s + f.len - text));
  if (!end || end + 1 == f.s + f.len || end[1] != '=') return false;
  w->text = (struct field){ text, (size_t)(end - text) };
  w->len = (size_t)(end + 2 - f.s);
  for (size_t i = 0; i < w->len; i++)
    if (is_blank(f.s[i]) && (f.s + i < text || w->encoding == 'b')) return false;
  return w->encoding == 'q' || w->encoding == 'b';
}

static int hex_digit(char c)
{
  static char const digits[] = "0123456789abcdef";
  char const *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 32 : c) : 0;
  return at ? (int)(at - digits) : -1;
}

static void add_q(stralloc *to, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    int high = i + 2 < f.len && f.s[i] == '=' ? hex_digit(f.s[i + 1]) : -1, low = high >= 0 ? hex_digit(f.s[i + 2]) : -1;
    if (low >= 0) text_addc(to, (char)(high << 4 | low)), i += 2;
    else text_addc(to, f.s[i] == '_' ? ' ' : f.s[i]);
  }
}

/* What is no base64 stays as it is written. */
static void add_b(stralloc *to, struct field f)
{
  size_t decoded, begun = to->len;
  text_addb(to, f.s, f.len);
  while (to->len > begun && to->s[to->len - 1] == '=') to->len--;
  while ((to->len - begun) % 4) text_addc(to, '=');
  if (base64_decode(to->s + begun, to->len - begun, &decoded)) to->len = begun + decoded;
  else to->len = begun, text_addb(to, f.s, f.len);
}

static void make_one_line(char *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < 32 && s[i] != 27) s[i] = ' ';
}

/* In iso-2022 an escape of three bytes directly before another one has no effect. */
static void cut_escapes(stralloc *to, size_t begun)
{
  size_t out = begun;
  for (size_t i = begun; i < to->len; i++) {
    if (to->s[i] == 27 && i + 3 < to->len && to->s[i + 3] == 27) i += 2;
    else to->s[out++] = to->s[i];
  }
  to->len = out;
}

static void add_word(stralloc *to, struct word const *w)
{
  size_t begun = to->len;
  text_room(to, w->text.len + 1);
  if (w->encoding == 'q') add_q(to, w->text);
  else add_b(to, w->text);
  make_one_line(to->s + begun, to->len - begun);
}

void subject_decode(stralloc *to, struct field text)
{
  size_t const begun = to->len;
  size_t behind_word = 0;               /* where the last word ended, as long as only blanks followed; 0: none */
  bool has_escapes = false;
  struct word w;
  for (size_t i = 0; i < text.len;) {
    if (word_at(&w, (struct field){ text.s + i, text.len - i })) {
      if (behind_word) to->len = behind_word;
      add_word(to, &w);
      has_escapes |= w.charset.len > 9 && !strncasecmp(w.charset.s, "iso-2022-", 9);
      behind_word = to->len;
      i += w.len;
      continue;
    }
    if (!is_blank(text.s[i])) behind_word = 0;
    text_addc(to, text.s[i++]);
  }
  if (has_escapes) cut_escapes(to, begun);
}

/* ---- what stands in front ---- */

static bool ends_with(struct field f, char const *end)
{
  size_t len = strlen(end);
  return f.len >= len && !strncasecmp(f.s + f.len - len, end, len);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* How much of the text is an indicator of a reply: "Re:", "Fwd:", "Re[3]:"; 0: none. */
static size_t reply_length(struct field f)
{
  size_t len = 0;
  while (len < f.len && !is_blank(f.s[len])) len++;
  if (len < 3 || f.s[len - 1] != ':') return 0;
  char before = f.s[len - 2];
  return len <= 5 || before == ')' || before == ']' || is_digit(before) ? len : 0;
}

/* How much of the text is the prefix, blanks in both aside; 0: it is not there. */
static size_t prefix_length(struct field f, struct field prefix)
{
  size_t i = 0;
  bool matched = false;
  for (size_t k = 0; k < prefix.len; k++) {
    if (is_blank(prefix.s[k])) continue;
    while (i < f.len && (is_blank(f.s[i]) || (prefix.s[k] == '#' && is_digit(f.s[i])))) i++;
    if (prefix.s[k] == '#') continue;
    if (i == f.len || f.s[i] != prefix.s[k]) return 0;
    matched = true;
    i++;
  }
  return matched ? i : 0;
}

static void cut(struct field *f, size_t len)
{
  f->s += len;
  f->len -= len;
  *f = trimmed(*f);
}

unsigned subject_normal(stralloc *to, struct field value, struct field prefix)
{
  stralloc line = STRALLOC_ZERO, plain = STRALLOC_ZERO;
  unsigned what = 0;
  size_t len;
  subject_unfold(&line, value);
  subject_decode(&plain, (struct field){ line.s, line.len });
  text_z(&plain);
  struct field rest = trimmed((struct field){ plain.s, plain.len });
  for (; ends_with(rest, "-Reply"); what |= SUBJECT_IS_REPLY) rest.len -= 6, rest = trimmed(rest);
  for (;;) {
    if ((len = reply_length(rest))) what |= SUBJECT_IS_REPLY;
    else if ((len = prefix_length(rest, prefix))) what |= SUBJECT_HAS_PREFIX;
    else break;
    cut(&rest, len);
  }
  text_addb(to, rest.s, rest.len < SUBJECT_MAX ? rest.len : SUBJECT_MAX);
  stralloc_free(&line);
  stralloc_free(&plain);
  return what;
}
