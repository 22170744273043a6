#include <string.h>

#include "text.h"
#include "token.h"

static char const specials[] = ".,@<>:;";

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool special(char c) { return c && strchr(specials, c); }

/* What ends a run of plain bytes. */
static bool ends_atom(char c) { return !c || blank(c) || special(c) || c == '(' || c == '[' || c == '"'; }

void token_unfold(stralloc *to, char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\n' || (s[i] == '\r' && i + 1 < len && s[i + 1] == '\n')) continue;
    text_addc(to, s[i] == '\r' ? ' ' : s[i]);
  }
}

/* ---- splitting: each function below returns the length of the token at s, 0 when there is none ---- */

static size_t encoded_part(char const *s, size_t len)
{
  size_t i = 0;
  while (i < len && s[i] > ' ' && s[i] < 127 && s[i] != '?') i++;
  return i;
}

/* =?charset?Q?text?=, RFC 2047. */
static size_t encoded_length(char const *s, size_t len)
{
  if (len < 8 || s[0] != '=' || s[1] != '?') return 0;
  size_t i = 2 + encoded_part(s + 2, len - 2);
  if (i == 2 || len - i < 5 || s[i] != '?' || !s[i + 1] || !strchr("BbQq", s[i + 1]) || s[i + 2] != '?') return 0;
  i += 3;
  i += encoded_part(s + i, len - i);
  if (len - i < 2 || s[i] != '?' || s[i + 1] != '=') return 0;
  i += 2;
  return i == len || ends_atom(s[i]) ? i : 0;
}

static size_t atom_length(char const *s, size_t len)
{
  size_t i = 0;
  if (s[0] == ')' || s[0] == ']') return 0;
  for (; i < len && !ends_atom(s[i]); i++)
    if (s[i] == '\\' && (++i == len || !s[i])) return 0;
  return i;
}

static size_t enclosed_length(char const *s, size_t len, char close)
{
  for (size_t i = 1; i < len && s[i]; i++) {
    if (s[i] == close) return i + 1;
    if (s[i] == '\\' && (++i == len || !s[i])) return 0;
  }
  return 0;
}

static size_t comment_length(char const *s, size_t len, bool *too_deep)
{
  size_t depth = 0;
  for (size_t i = 0; i < len && s[i]; i++) {
    if (s[i] == '\\') {
      if (++i == len || !s[i]) return 0;
    } else if (s[i] == '(') {
      if (++depth > TOKEN_DEPTH_MAX) return (*too_deep = true, 0);
    } else if (s[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

static size_t word_length(struct token *t, char const *s, size_t len)
{
  t->kind = TOKEN_ENCODED;
  size_t n = encoded_length(s, len);
  if (n) return n;
  t->kind = TOKEN_ATOM;
  return atom_length(s, len);
}

static size_t token_at(struct token *t, char const *s, size_t len, bool *too_deep)
{
  static unsigned char const kinds[] = {
    TOKEN_DOT, TOKEN_COMMA, TOKEN_AT, TOKEN_LEFT, TOKEN_RIGHT, TOKEN_COLON, TOKEN_SEMICOLON
  };
  if (special(s[0])) return (t->kind = kinds[strchr(specials, s[0]) - specials], 1);
  if (s[0] == '(') return (t->kind = TOKEN_COMMENT, comment_length(s, len, too_deep));
  if (s[0] == '"') return (t->kind = TOKEN_QUOTED, enclosed_length(s, len, '"'));
  if (s[0] == '[') return (t->kind = TOKEN_LITERAL, enclosed_length(s, len, ']'));
  return word_length(t, s, len);
}

enum token_result token_split(genalloc *tokens, char const *s, size_t len)
{
  bool too_deep = false, spaced = false;
  genalloc_setlen(struct token, tokens, 0);
  for (size_t i = 0; i < len;) {
    if (blank(s[i])) {
      spaced = true;
      i++;
      continue;
    }
    struct token t = { .s = s + i, .spaced = spaced };
    t.len = token_at(&t, s + i, len - i, &too_deep);
    if (!t.len) return too_deep ? TOKEN_DEPTH : TOKEN_SYNTAX;
    if (!genalloc_append(struct token, tokens, &t)) die_nomem();
    spaced = false;
    i += t.len;
  }
  return TOKEN_OK;
}

/* ---- printing ---- */

void token_value(stralloc *to, struct token const *t)
{
  size_t begin = t->kind == TOKEN_QUOTED, end = t->len - begin;
  for (size_t i = begin; i < end; i++) {
    if (t->s[i] == '\\' && t->kind != TOKEN_ENCODED) i++;
    text_addc(to, t->s[i]);
  }
}

void token_enclose(stralloc *to, char open, char const *s, size_t len, char close)
{
  text_addc(to, open);
  for (size_t i = 0; i < len; i++) {
    if (s[i] && strchr("\"[]()\\", s[i])) text_addc(to, '\\');
    text_addc(to, s[i] == '\r' || s[i] == '\n' ? ' ' : s[i]);
  }
  text_addc(to, close);
}

static bool needs_quotes(struct token const *t)
{
  if (t->kind == TOKEN_ENCODED && t->phrase) return false;
  /* In an address tokens touch: with what follows this could read as an encoded word. */
  if (t->kind == TOKEN_ATOM && !t->phrase && t->len > 1 && t->s[0] == '=' && t->s[1] == '?') return true;
  for (size_t i = 0; i < t->len; i++) {
    unsigned char c = (unsigned char)t->s[i];
    if (c < 32 || c == 127 || ends_atom((char)c) || strchr(")]\\", c)) return true;
  }
  return false;
}

void token_print(stralloc *to, struct token const *t)
{
  bool bare = t->kind == TOKEN_ATOM || t->kind == TOKEN_ENCODED;
  if (!bare || !needs_quotes(t)) {
    text_addb(to, t->s, t->len);
    return;
  }
  stralloc value = STRALLOC_ZERO;
  token_value(&value, t);
  token_enclose(to, '"', value.s, value.len, '"');
  stralloc_free(&value);
}
