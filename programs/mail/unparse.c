#include <skalibs/bytestr.h>

#include "text.h"
#include "unparse.h"

/* In a member that is being gathered a newline marks a space where the line may break. */
enum { SOFT_BREAK = '\n' };

struct writer {
  stralloc *to;
  struct addrlist const *list;
  struct rewrite_rules const *rules;
  size_t line_start;        /* of the last line of *to */
  bool first;               /* no member was written yet */
  stralloc member;
  struct token const *last; /* written into member, or null */
};

static struct token const *tokens_of(struct writer const *w)
{
  return genalloc_s(struct token const, &w->list->tokens);
}

/* ---- lines ---- */

static void break_line(struct writer *w)
{
  text_add(w->to, "\n");
  w->line_start = w->to->len;
  text_add(w->to, "  ");
}

static size_t column(struct writer const *w) { return w->to->len - w->line_start; }

/* Puts what is gathered behind the line so far, or on a line of its own. */
static void end_member(struct writer *w)
{
  char const *s = w->member.s;
  size_t len = w->member.len;
  if (len && (w->first || column(w) + 1 + len <= UNPARSE_LINE)) text_addc(w->to, ' ');
  else if (len) break_line(w);
  while (len) {
    size_t n = byte_chr(s, len, SOFT_BREAK);
    text_addb(w->to, s, n);
    s += n, len -= n;
    if (!len) break;
    size_t after = byte_chr(s + 1, len - 1, SOFT_BREAK);
    if (column(w) + 1 + after > UNPARSE_ENCODED_LINE) break_line(w);
    else text_addc(w->to, ' ');
    s++, len--;
  }
  w->first = false;
  w->member.len = 0;
  w->last = 0;
}

static void comma(struct writer *w)
{
  text_addc(&w->member, ',');
  end_member(w);
}

/* ---- tokens ---- */

static bool is_link(struct token const *t) { return t->kind == TOKEN_DOT || t->kind == TOKEN_AT; }

static bool space_between(struct token const *a, struct token const *b)
{
  if (a->kind == TOKEN_LEFT) return false;
  switch (b->kind) {
    case TOKEN_COLON: case TOKEN_RIGHT: return false;
    case TOKEN_SEMICOLON: return a->kind == TOKEN_COLON;
    default: return b->phrase && (is_link(a) || is_link(b)) ? b->spaced : true;
  }
}

static bool is_encoded_name(struct token const *t) { return t->kind == TOKEN_ENCODED && t->phrase; }

static void space_before(struct writer *w, struct token const *t)
{
  if (!w->last || !space_between(w->last, t)) return;
  bool soft = is_encoded_name(w->last) || is_encoded_name(t);
  text_addc(&w->member, soft ? SOFT_BREAK : ' ');
}

static void put_token(struct writer *w, struct token const *t)
{
  space_before(w, t);
  if (token_is_word(t) || is_link(t) || t->kind == TOKEN_COMMENT) token_print(&w->member, t);
  else text_addc(&w->member, t->s[0]);
  w->last = t;
}

/* The address, then the comments that stood in it. */
static void put_address(struct writer *w, struct addrlist_span span)
{
  struct token const *tokens = tokens_of(w);
  if (span.first == span.end) return;
  space_before(w, &tokens[span.first]);
  rewrite_address(&w->member, 0, w->rules, tokens, span);
  w->last = &tokens[span.first];
  for (size_t i = span.first; i < span.end; i++)
    if (tokens[i].kind == TOKEN_COMMENT) put_token(w, &tokens[i]);
}

static void put_list(struct writer *w)
{
  struct token const *tokens = tokens_of(w);
  size_t count = genalloc_len(struct token, &w->list->tokens), spans = addrlist_count(w->list);
  for (size_t i = 0; i < count;) {
    struct addrlist_span const *span = spans ? addrlist_span(w->list, spans - 1) : 0;
    if (tokens[i].comma_missing) comma(w);
    if (span && span->first == i) {
      put_address(w, *span);
      spans--;
      i = span->end;
      if (span->first < span->end) continue;
    }
    if (tokens[i].kind == TOKEN_COMMA) comma(w);
    else put_token(w, &tokens[i]);
    i++;
  }
}

void unparse(stralloc *to, char const *name, size_t name_len, struct addrlist const *list,
             struct rewrite_rules const *rules)
{
  struct writer w = { .to = to, .list = list, .rules = rules, .first = true, .member = STRALLOC_ZERO };
  w.line_start = to->len;
  text_addb(to, name, name_len);
  text_addc(to, ':');
  put_list(&w);
  end_member(&w);
  text_addc(to, '\n');
  stralloc_free(&w.member);
}
