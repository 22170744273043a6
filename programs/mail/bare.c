#include <stdbool.h>

#include "bare.h"
#include "people_fields.h"
#include "text.h"

void bare_domain(stralloc *domain, struct rewrite_rules const *rules)
{
  stralloc header = STRALLOC_ZERO, envelope = STRALLOC_ZERO;
  rewrite_raw(&header, &envelope, rules, "x", 1);
  text_addb(domain, header.s + 1, header.len - 1);
  stralloc_free(&header);
  stralloc_free(&envelope);
}

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

static bool complete(struct people_address *a, char const *unfolded, void const *domain)
{
  struct token const *last = last_word(a->tokens, a->span);
  if (!last || has_domain(a->tokens, a->span)) return false;
  a->begin = a->end = (size_t)(last->s - unfolded) + last->len;
  text_addx(&a->instead, domain);
  return true;
}

void bare_complete(stralloc *to, char const *header, size_t len, stralloc const *domain)
{
  static char const *const names[] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc",
    "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc", "Resent-Bcc", 0
  };
  people_fields_change(to, header, len, &(struct people_fields){ .names = names, .change = complete, .with = domain });
}
