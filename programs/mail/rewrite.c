#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "die.h"
#include "idn.h"
#include "rewrite.h"
#include "text.h"
#include "utf8.h"

/* The address with its comments taken out, source route and trailing signs cut off. */
struct core {
  genalloc tokens;          /* struct token */
  size_t begin, end;
};

static struct token const *core_token(struct core const *c, size_t i)
{
  return genalloc_s(struct token const, &c->tokens) + i;
}

static bool core_is(struct core const *c, size_t i, enum token_kind kind)
{
  return i >= c->begin && i < c->end && core_token(c, i)->kind == kind;
}

static void core_take(struct core *c, struct token const *tokens, struct addrlist_span span)
{
  for (size_t i = span.first; i < span.end; i++)
    if (tokens[i].kind != TOKEN_COMMENT && !genalloc_append(struct token, &c->tokens, &tokens[i])) die_nomem();
  c->begin = 0;
  c->end = genalloc_len(struct token, &c->tokens);
}

static void core_cut_routes(struct core *c)
{
  while (core_is(c, c->begin, TOKEN_AT)) {
    while (c->begin < c->end && !core_is(c, c->begin, TOKEN_COLON)) c->begin++;
    if (c->begin < c->end) c->begin++;
  }
}

static void core_cut_tail(struct core *c)
{
  while (c->end && (core_is(c, c->end - 1, TOKEN_DOT) || core_is(c, c->end - 1, TOKEN_AT))) c->end--;
}

/* VERP senders and double bounces end in @[] and mean what they say. */
static bool core_is_final(struct core const *c)
{
  if (c->end < c->begin + 2) return c->begin == c->end;
  struct token const *last = core_token(c, c->end - 1);
  return core_is(c, c->end - 2, TOKEN_AT) && last->kind == TOKEN_LITERAL && last->len == 2;
}

/* The token behind the last @, or begin when there is none. */
static size_t core_domain(struct core const *c)
{
  size_t i = c->end;
  while (i > c->begin && !core_is(c, i - 1, TOKEN_AT)) i--;
  return i;
}

static void core_add(stralloc *header, stralloc *envelope, struct core const *c)
{
  for (size_t i = c->begin; i < c->end; i++) {
    if (header) token_print(header, core_token(c, i));
    if (envelope) token_value(envelope, core_token(c, i));
  }
}

static bool text_is_complete_host(stralloc const *host)
{
  return byte_chr(host->s, host->len, '.') < host->len || byte_chr(host->s, host->len, '[') < host->len;
}

static bool core_has_complete_host(struct core const *c, size_t domain)
{
  for (size_t i = domain; i < c->end; i++)
    if (core_is(c, i, TOKEN_DOT) || core_is(c, i, TOKEN_LITERAL)) return true;
  return false;
}

static bool core_is_ours(struct core const *c, struct rewrite_rules const *rules)
{
  stralloc address = STRALLOC_ZERO;
  if (!rules->is_ours) return false;
  core_add(0, &address, c);
  bool ours = rules->is_ours(&address);
  stralloc_free(&address);
  return ours;
}

static bool core_cut_plus(struct core *c)
{
  struct token *last = genalloc_s(struct token, &c->tokens) + c->end - 1;
  if (last->kind != TOKEN_ATOM || last->s[last->len - 1] != '+') return false;
  if (last->len > 1 && last->s[last->len - 2] == '\\') return false;
  last->len--;
  return true;
}

/* Makes the text that has to follow the address; takes the plus sign off the address. */
static void completion(stralloc *tail, struct rewrite_rules const *rules, struct core *c)
{
  stralloc const *host = &rules->host;
  size_t domain = core_domain(c);
  bool plus, complete;
  if (domain == c->begin) {
    plus = host->len && host->s[host->len - 1] == '+';
    complete = text_is_complete_host(host);
    text_addc(tail, '@');
    text_addb(tail, host->s, host->len - plus);
  } else {
    plus = core_cut_plus(c);
    complete = core_has_complete_host(c, domain) || (!plus && core_is_ours(c, rules));
  }
  if (!plus && complete) return;
  stralloc const *rest = plus ? &rules->plus : &rules->domain;
  text_addc(tail, '.');
  text_addb(tail, rest->s, rest->len);
}

/* Leaves what is to be completed; false when the address says all already. */
static bool core_cut(struct core *c)
{
  if (core_is_final(c)) return false;
  core_cut_routes(c);
  core_cut_tail(c);
  return !core_is_final(c);
}

/* Replaces the domain and what follows by what DNS calls both, where they are beyond ASCII: so the address asks nothing of a
   server that it might not know. What can be no domain stays. */
static void use_ascii_domain(struct core *c, stralloc *tail)
{
  stralloc domain = STRALLOC_ZERO, ascii = STRALLOC_ZERO;
  size_t begin = core_domain(c);
  for (size_t i = begin; begin > c->begin && i < c->end; i++) token_value(&domain, core_token(c, i));
  text_addb(&domain, tail->s, tail->len);
  enum idn_result r = begin == c->begin || utf8_is_ascii(domain.s, domain.len) ? IDN_BAD : idn_to_ascii(&ascii, domain.s, domain.len);
  if (r == IDN_NO_MEMORY) die_nomem();
  if (r == IDN_OK) {
    c->end = begin;
    text_setb(tail, ascii.s, ascii.len);
  }
  stralloc_free(&domain);
  stralloc_free(&ascii);
}

static bool put_other(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules, struct core const *c, stralloc const *tail)
{
  stralloc address = STRALLOC_ZERO;
  core_add(0, &address, c);
  text_addx(&address, tail);
  bool is = rules->instead(&address);
  if (is && header && !address_quote(header, address.s, address.len)) die_nomem();
  if (is && envelope) text_addx(envelope, &address);
  stralloc_free(&address);
  return is;
}

static void put_same(stralloc *header, stralloc *envelope, struct core const *c, stralloc const *tail)
{
  core_add(header, envelope, c);
  if (header) text_addx(header, tail);
  if (envelope) text_addx(envelope, tail);
}

void rewrite_address(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules,
                     struct token const *tokens, struct addrlist_span span)
{
  struct core c = { .tokens = GENALLOC_ZERO };
  stralloc tail = STRALLOC_ZERO;
  core_take(&c, tokens, span);
  if (core_cut(&c)) completion(&tail, rules, &c);
  use_ascii_domain(&c, &tail);
  if (!rules->instead || !put_other(header, envelope, rules, &c, &tail)) put_same(header, envelope, &c, &tail);
  genalloc_free(struct token, &c.tokens);
  stralloc_free(&tail);
}

/* Behind a box without domain an @ tells that it is one, that none in it divides, and no bracket around it goes. */
void rewrite_plain(stralloc *raw, struct token const *tokens, struct addrlist_span span)
{
  struct core c = { .tokens = GENALLOC_ZERO };
  raw->len = 0;
  core_take(&c, tokens, span);
  core_cut(&c);
  core_add(0, raw, &c);
  bool alone = c.begin < c.end && core_domain(&c) == c.begin;
  if (alone && (!raw->len || raw->s[0] == '<' || memchr(raw->s, '@', raw->len))) text_addc(raw, '@');
  genalloc_free(struct token, &c.tokens);
}

/* The whole list must be one address without names, comments and groups. */
static bool is_one_address(struct addrlist const *list)
{
  if (addrlist_count(list) != 1) return false;
  struct addrlist_span const *span = addrlist_span(list, 0);
  return span->first == 0 && span->end == genalloc_len(struct token, &list->tokens);
}

static bool has_line_end(char const *s, size_t len)
{
  return len && (memchr(s, '\n', len) || memchr(s, '\r', len) || memchr(s, 0, len));
}

bool rewrite_raw(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules, char const *s, size_t len)
{
  struct addrlist list = ADDRLIST_ZERO;
  stralloc quoted = STRALLOC_ZERO;
  header->len = envelope->len = 0;
  if (len > 1 && s[0] == '<' && s[len - 1] == '>') s++, len -= 2;
  if (!len) return true;
  if (!address_quote(&quoted, s, len)) die_nomem();
  bool sound = !has_line_end(s, len) && addrlist_parse(&list, quoted.s, quoted.len) == ADDRLIST_OK &&
               is_one_address(&list);
  if (sound)
    rewrite_address(header, envelope, rules, genalloc_s(struct token, &list.tokens), *addrlist_span(&list, 0));
  addrlist_free(&list);
  stralloc_free(&quoted);
  return sound;
}
