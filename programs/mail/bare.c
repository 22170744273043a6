#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "addrlist.h"
#include "bare.h"
#include "mail_header.h"
#include "text.h"
#include "token.h"

/* ---- what completes ---- */

void bare_domain(stralloc *domain, struct rewrite_rules const *rules)
{
  stralloc header = STRALLOC_ZERO, envelope = STRALLOC_ZERO;
  rewrite_raw(&header, &envelope, rules, "x", 1);
  text_addb(domain, header.s + 1, header.len - 1);
  stralloc_free(&header);
  stralloc_free(&envelope);
}

/* ---- one list ---- */

static bool has_domain(struct token const *tokens, struct addrlist_span span)
{
  for (size_t i = span.first; i < span.end; i++)
    if (tokens[i].kind == TOKEN_AT) return true;
  return false;
}

/* A comment may stand behind it. An encoded word is a name, and no box. */
static struct token const *last_word(struct token const *tokens, struct addrlist_span span)
{
  while (span.end > span.first && !token_is_word(tokens + span.end - 1)) span.end--;
  struct token const *last = tokens + span.end - 1;
  return span.end > span.first && (last->kind == TOKEN_ATOM || last->kind == TOKEN_QUOTED) ? last : 0;
}

static bool lacks_commas(struct addrlist const *list)
{
  struct token const *tokens = genalloc_s(struct token const, &list->tokens);
  for (size_t i = 0; i < genalloc_len(struct token, &list->tokens); i++)
    if (tokens[i].comma_missing) return true;
  return false;
}

/* Unfolding takes line ends away, and nothing else. */
static size_t place_of(stralloc const *value, size_t unfolded)
{
  size_t at = 0;
  for (; at < value->len; at++) {
    char const *s = value->s + at;
    if (s[0] == '\n' || (s[0] == '\r' && at + 1 < value->len && s[1] == '\n')) continue;
    if (!unfolded--) break;
  }
  return at;
}

/* From the last address to the first, as the list has them: so what is before it has not moved. */
static void complete_list(stralloc *value, struct addrlist const *list, char const *unfolded, stralloc const *domain)
{
  static stralloc rest = STRALLOC_ZERO;
  struct token const *tokens = genalloc_s(struct token const, &list->tokens);
  for (size_t i = 0; i < addrlist_count(list); i++) {
    struct addrlist_span span = *addrlist_span(list, i);
    struct token const *last = last_word(tokens, span);
    if (!last || has_domain(tokens, span)) continue;
    size_t at = place_of(value, (size_t)(last->s - unfolded) + last->len - 1) + 1;
    text_setb(&rest, value->s + at, value->len - at);
    value->len = at;
    text_addb(value, domain->s, domain->len);
    text_addb(value, rest.s, rest.len);
  }
}

static void complete_value(stralloc *to, char const *s, size_t len, stralloc const *domain)
{
  static struct addrlist list = ADDRLIST_ZERO;
  static stralloc unfolded = STRALLOC_ZERO, value = STRALLOC_ZERO;
  unfolded.len = 0;
  token_unfold(&unfolded, s, len);
  text_setb(&value, s, len);
  if (addrlist_parse(&list, unfolded.s, unfolded.len) == ADDRLIST_OK && !lacks_commas(&list))
    complete_list(&value, &list, unfolded.s, domain);
  text_addb(to, value.s, value.len);
}

/* ---- the header ---- */

static bool names_people(char const *name, size_t len)
{
  static char const *const names[] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc",
    "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc", "Resent-Bcc", 0
  };
  for (char const *const *n = names; *n; n++)
    if (strlen(*n) == len && !strncasecmp(*n, name, len)) return true;
  return false;
}

/* With its continuations. */
static size_t field_len(char const *s, size_t len)
{
  size_t n = 0;
  do {
    char const *newline = memchr(s + n, '\n', len - n);
    n = newline ? (size_t)(newline - s) + 1 : len;
  } while (n < len && (s[n] == ' ' || s[n] == '\t'));
  return n;
}

void bare_complete(stralloc *to, char const *header, size_t len, stralloc const *domain)
{
  for (size_t at = 0, n; at < len; at += n) {
    char const *s = header + at;
    size_t body, name = mail_header_name_length(s, len - at, &body);
    n = field_len(s, len - at);
    if (!name || !names_people(s, name)) {
      text_addb(to, s, n);
      continue;
    }
    text_addb(to, s, body);
    complete_value(to, s + body, n - body, domain);
  }
}
