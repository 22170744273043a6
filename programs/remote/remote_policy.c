#include <string.h>

#include "remote_policy.h"

static char const *const words[] = {
  [POLICY_NONE] = "none", [POLICY_MAY] = "may", [POLICY_ENCRYPT] = "encrypt", [POLICY_VERIFY] = "verify"
};

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* The next word of the rest; empty when there is none. */
static struct field next_word(struct field *rest)
{
  while (rest->len && is_blank(*rest->s)) rest->s++, rest->len--;
  struct field word = { rest->s, 0 };
  while (word.len < rest->len && !is_blank(word.s[word.len])) word.len++;
  rest->s += word.len;
  rest->len -= word.len;
  return word;
}

/* Names say who it should be, which is of no use to who does not ask. */
struct policy policy_parse(char const *s, size_t len)
{
  struct field rest = { s, len }, word = next_word(&rest), first = rest;
  struct policy p = { .level = POLICY_NONE, .said = true };
  while (p.level < POLICY_SENSELESS
         && !(word.len == strlen(words[p.level]) && nameset_same(word.s, words[p.level], word.len))) p.level++;
  if (next_word(&first).len) p.names = rest;
  if (p.names.len && p.level != POLICY_VERIFY) p.level = POLICY_SENSELESS;
  return p;
}

static struct nameset_entry const *entry_for(struct nameset const *lines, char const *host, struct relay const *relay)
{
  struct nameset_entry const *e = nameset_domain(lines, host, strlen(host));
  if (!e && relay) e = nameset_domain(lines, relay->host, relay->host_len);
  return e ? e : nameset_entry_of(lines, "", 0);
}

struct policy policy_for(struct nameset const *lines, char const *host, struct relay const *relay)
{
  struct nameset_entry const *e = entry_for(lines, host, relay);
  return e ? policy_parse(lines->text.s + e->value, e->value_len) : (struct policy){ .level = POLICY_MAY };
}

size_t policy_names(char *to, size_t max, struct field names)
{
  size_t len = 0, count = 0;
  for (struct field name; (name = next_word(&names)).len; len += name.len + 1) {
    if (++count > TLS_NAMES || name.len > TLS_NAME_MAX || name.len + 1 > max - len) return 0;
    memcpy(to + len, name.s, name.len);
    to[len + name.len] = 0;
  }
  return len;
}
