#include <string.h>

#include "addrlist.h"
#include "encoded_word.h"
#include "fields.h"
#include "surrogate_people.h"
#include "text.h"
#include "utf8.h"

enum { LINE_MAX_ENCODED = 76 };     /* bytes of a line; RFC 2047 section 2 */

/* RFC 2606 keeps the domain from being anybody's. */
static char const nobody[] = "invalid@internationalized-address.invalid";

struct people {
  stralloc *to;
  struct token const *tokens;
  struct addrlist_span const *span;     /* of the member's address; null when it has none */
};

/* Of the tokens first to end - 1, which is one piece of the text; empty for none. */
static struct field text_of(struct token const *tokens, size_t first, size_t end)
{
  if (first == end) return (struct field){ "", 0 };
  char const *s = tokens[first].s;
  return (struct field){ s, (size_t)(tokens[end - 1].s + tokens[end - 1].len - s) };
}

/* How much of the last line is used. */
static size_t column(stralloc const *to)
{
  char const *newline = memrchr(to->s, '\n', to->len);
  return newline ? (size_t)(to->s + to->len - newline) - 1 : to->len;
}

/* A blank, or a new line where so many bytes more would not fit. */
static void separate(stralloc *to, size_t more)
{
  text_add(to, column(to) + 1 + more > LINE_MAX_ENCODED ? "\n " : " ");
}

/* On this line, if its first word fits there. */
static void add_words(stralloc *to, char const *s, size_t len)
{
  stralloc words = STRALLOC_ZERO;
  encoded_word_add(&words, s, len);
  text_z(&words);
  separate(to, strcspn(words.s, "\n"));
  text_addx(to, &words);
  stralloc_free(&words);
}

static void add_named(stralloc *to, char const *name, size_t name_len, struct field address)
{
  add_words(to, name, name_len);
  separate(to, address.len + 2);
  text_addc(to, '<');
  text_addb(to, address.s, address.len);
  text_addc(to, '>');
}

/* The words of a name before an address, and comments, without their signs. */
static void add_name_word(stralloc *name, struct token const *t)
{
  if (t->kind == TOKEN_LEFT || t->kind == TOKEN_RIGHT) return;
  if (name->len && t->spaced) text_addc(name, ' ');
  if (t->kind == TOKEN_COMMENT) text_addb(name, t->s + 1, t->len - 2);
  else token_value(name, t);
}

static void add_known(struct people const *p, size_t first, size_t end, struct field address)
{
  stralloc name = STRALLOC_ZERO;
  for (size_t i = first; i < end; i++)
    if (i < p->span->first || i >= p->span->end) add_name_word(&name, &p->tokens[i]);
  add_named(p->to, name.s, name.len, address);
  stralloc_free(&name);
}

static void add_person(struct people const *p, size_t first, size_t end, struct field all)
{
  struct field const address = text_of(p->tokens, p->span->first, p->span->end);
  if (utf8_is_ascii(address.s, address.len)) add_known(p, first, end, address);
  else add_named(p->to, all.s, all.len, field_of(nobody));
}

static void add_ascii(stralloc *to, struct field all)
{
  if (all.len) separate(to, all.len);
  text_addb(to, all.s, all.len);
}

/* What stands between two commas, or before the colon of a group. */
static void add_member(struct people *p, size_t first, size_t end)
{
  struct field const all = text_of(p->tokens, first, end);
  if (utf8_is_ascii(all.s, all.len)) add_ascii(p->to, all);
  else if (p->span) add_person(p, first, end, all);
  else add_words(p->to, all.s, all.len);
  p->span = 0;
}

static bool is_separator(struct token const *t)
{
  return t->kind == TOKEN_COMMA || t->kind == TOKEN_COLON || t->kind == TOKEN_SEMICOLON;
}

/* An address, which may have such signs in it, is passed as a whole. */
static void add_list(struct people *p, struct addrlist const *list)
{
  size_t const count = genalloc_len(struct token, &list->tokens);
  size_t spans = addrlist_count(list), first = 0;
  for (size_t i = 0; i < count;) {
    struct addrlist_span const *next = spans ? addrlist_span(list, spans - 1) : 0;
    if (p->tokens[i].comma_missing) {
      add_member(p, first, i);
      text_addc(p->to, ',');
      first = i;
    }
    if (next && next->first == i) {
      p->span = next;
      spans--;
      i = next->end > i ? next->end : i + 1;
    } else if (is_separator(&p->tokens[i])) {
      add_member(p, first, i);
      text_addb(p->to, p->tokens[i].s, 1);
      first = ++i;
    } else i++;
  }
  add_member(p, first, count);
}

void surrogate_people(stralloc *to, char const *s, size_t len)
{
  struct addrlist list = ADDRLIST_ZERO;
  stralloc text = STRALLOC_ZERO;
  token_unfold(&text, s, len);
  text_z(&text);
  if (addrlist_parse(&list, text.s, text.len) == ADDRLIST_OK) {
    struct people p = { .to = to, .tokens = genalloc_s(struct token const, &list.tokens) };
    add_list(&p, &list);
  } else add_named(to, text.s, text.len, field_of(nobody));
  addrlist_free(&list);
  stralloc_free(&text);
}
