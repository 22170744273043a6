#include <string.h>

#include "addrlist.h"
#include "alias_words.h"
#include "text.h"
#include "token.h"

static char const include[] = ":include:";

void alias_words_free(struct alias_words *w)
{
  stralloc_free(&w->text);
  genalloc_free(struct alias_word, &w->list);
}

/* ---- the line, so that its words are addresses ---- */

static bool is_atom(struct token const *t, char const *word)
{
  return t->kind == TOKEN_ATOM && t->len == strlen(word) && !memcmp(t->s, word, t->len);
}

static bool is_include(struct token const *t, size_t left)
{
  return left > 3 && t[0].kind == TOKEN_COLON && is_atom(t + 1, "include") && t[2].kind == TOKEN_COLON;
}

static bool is_separator(struct token const *t)
{
  return t->kind == TOKEN_COMMA || t->kind == TOKEN_COLON || t->kind == TOKEN_SEMICOLON;
}

static bool ends_word(struct token const *t)
{
  return t->spaced || is_separator(t);
}

static void quote(stralloc *to, stralloc const *s)
{
  token_enclose(to, '"', s->s, s->len, '"');
}

/* :include:/path is quoted as one word; so are @host and |"command", which sendmail reads as "|command". How many tokens that is. */
static size_t take_special(stralloc *to, struct token const *t, size_t left, bool is_first)
{
  stralloc word = STRALLOC_ZERO;
  size_t n = 0;
  if (is_include(t, left)) {
    text_set(&word, include);
    for (n = 3; n < left && (n == 3 || !ends_word(t + n)); n++) token_value(&word, t + n);
  } else if (is_first && t[0].kind == TOKEN_AT) {
    for (; n < left && (!n || !ends_word(t + n)); n++) token_value(&word, t + n);
  } else if (left > 1 && is_atom(t, "|") && t[1].kind == TOKEN_QUOTED && !t[1].spaced) {
    text_set(&word, "|");
    token_value(&word, t + 1);
    n = 2;
  }
  if (n) {
    text_add(to, " ");
    quote(to, &word);
  }
  stralloc_free(&word);
  return n;
}

/* Colons and semicolons make no groups here; they separate as commas do. */
static void flatten(stralloc *to, genalloc const *tokens)
{
  struct token const *t = genalloc_s(struct token const, tokens);
  size_t count = genalloc_len(struct token, tokens);
  for (size_t i = 0; i < count;) {
    size_t taken = take_special(to, t + i, count - i, !i || ends_word(t + i) || is_separator(t + i - 1));
    i += taken;
    if (taken) continue;
    if (t[i].spaced) text_add(to, " ");
    if (t[i].kind == TOKEN_COLON || t[i].kind == TOKEN_SEMICOLON) text_add(to, ",");
    else text_addb(to, t[i].s, t[i].len);
    i++;
  }
}

/* ---- words ---- */

static enum alias_kind kind_of(struct field f, size_t *skip)
{
  size_t prefix = sizeof include - 1;
  *skip = 0;
  if (f.len > prefix && !memcmp(f.s, include, prefix)) return *skip = prefix, ALIAS_INCLUDE;
  if (f.len > 1 && *f.s == '|') return *skip = 1, ALIAS_PROGRAM;
  if (f.len && *f.s == '@') return ALIAS_HOST;
  return f.len && *f.s == '/' ? ALIAS_FILE : ALIAS_ADDRESS;
}

/* What is in quotes may have an @ that parts no host: a program is one by its first byte, if no @ stands beside it. */
static bool has_host(struct token const *t, struct addrlist_span span)
{
  for (size_t i = span.first; i < span.end; i++)
    if (t[i].kind == TOKEN_AT) return true;
  return false;
}

static void add_word(struct alias_words *to, struct token const *t, struct addrlist_span span, struct rewrite_rules const *rules)
{
  struct alias_word word = { .plain = to->text.len };
  size_t skip = 0;
  for (size_t i = span.first; i < span.end; i++)
    if (t[i].kind != TOKEN_COMMENT) token_value(&to->text, t + i);
  word.plain_len = to->text.len - word.plain;
  if (!has_host(t, span)) word.kind = kind_of((struct field){ to->text.s + word.plain, word.plain_len }, &skip);
  word.plain += skip;
  word.plain_len -= skip;
  word.whole = to->text.len;
  rewrite_address(0, &to->text, rules, t, span);
  word.whole_len = to->text.len - word.whole;
  if (!genalloc_append(struct alias_word, &to->list, &word)) memory_gone();
}

static bool read_list(struct alias_words *to, stralloc const *text, struct rewrite_rules const *rules)
{
  struct addrlist list = ADDRLIST_ZERO;
  bool sound = addrlist_parse(&list, text->s, text->len) == ADDRLIST_OK;
  for (size_t i = 0; sound && i < addrlist_count(&list); i++)
    if (addrlist_span(&list, i)->first < addrlist_span(&list, i)->end)
      add_word(to, genalloc_s(struct token const, &list.tokens), *addrlist_span(&list, i), rules);
  addrlist_free(&list);
  return sound;
}

bool alias_words_read(struct alias_words *to, char const *s, size_t len, struct rewrite_rules const *rules)
{
  stralloc unfolded = STRALLOC_ZERO, flat = STRALLOC_ZERO;
  genalloc tokens = GENALLOC_ZERO;
  to->text.len = 0;
  genalloc_setlen(struct alias_word, &to->list, 0);
  text_room(&to->text, 1);
  token_unfold(&unfolded, s, len);
  text_room(&unfolded, 1);
  text_room(&flat, 1);
  bool sound = token_split(&tokens, unfolded.s, unfolded.len) == TOKEN_OK;
  if (sound) flatten(&flat, &tokens);
  sound = sound && read_list(to, &flat, rules);
  stralloc_free(&unfolded);
  stralloc_free(&flat);
  genalloc_free(struct token, &tokens);
  return sound;
}
