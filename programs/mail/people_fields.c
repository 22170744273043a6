#include <string.h>
#include <strings.h>

#include "mail_header.h"
#include "people_fields.h"
#include "text.h"
#include "token.h"

/* ---- one list ---- */

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

static void replace(stralloc *value, struct people_address const *a)
{
  static stralloc rest = STRALLOC_ZERO;
  size_t end = place_of(value, a->end - 1) + 1, begin = a->begin < a->end ? place_of(value, a->begin) : end;
  text_setb(&rest, value->s + end, value->len - end);
  value->len = begin;
  text_addx(value, &a->instead);
  text_addx(value, &rest);
}

/* From the last address to the first, as the list has them: so what is before it has not moved. */
static void change_list(stralloc *value, struct addrlist const *list, char const *unfolded, struct people_fields const *wanted)
{
  static struct people_address a = { .instead = STRALLOC_ZERO };
  a.tokens = genalloc_s(struct token const, &list->tokens);
  for (size_t i = 0; i < addrlist_count(list); i++) {
    a.span = *addrlist_span(list, i);
    a.instead.len = 0;
    if (wanted->change(&a, unfolded, wanted->with)) replace(value, &a);
  }
}

static void change_value(stralloc *to, char const *s, size_t len, struct people_fields const *wanted)
{
  static struct addrlist list = ADDRLIST_ZERO;
  static stralloc unfolded = STRALLOC_ZERO, value = STRALLOC_ZERO;
  unfolded.len = 0;
  token_unfold(&unfolded, s, len);
  text_setb(&value, s, len);
  if (addrlist_parse(&list, unfolded.s, unfolded.len) == ADDRLIST_OK && !lacks_commas(&list))
    change_list(&value, &list, unfolded.s, wanted);
  text_addb(to, value.s, value.len);
}

/* ---- the header ---- */

static bool is_one_of(char const *const *names, char const *name, size_t len)
{
  for (; *names; names++)
    if (strlen(*names) == len && !strncasecmp(*names, name, len)) return true;
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

void people_fields_change(stralloc *to, char const *header, size_t len, struct people_fields const *wanted)
{
  for (size_t at = 0, n; at < len; at += n) {
    char const *s = header + at;
    size_t body, name = mail_header_name_length(s, len - at, &body);
    n = field_len(s, len - at);
    if (!name || !is_one_of(wanted->names, s, name)) {
      text_addb(to, s, n);
      continue;
    }
    text_addb(to, s, body);
    change_value(to, s + body, n - body, wanted);
  }
}
