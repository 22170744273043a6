#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "rule_address.h"
#include "text.h"

static char const NEITHER[] = "neither an address nor =name";

static bool has(char const *s, size_t len, char const *any)
{
  for (size_t i = 0; i < len; i++)
    if (s[i] && strchr(any, s[i])) return true;
  return false;
}

static bool only(char const *s, size_t len, char const *these)
{
  for (size_t i = 0; i < len; i++)
    if (!s[i] || !strchr(these, s[i])) return false;
  return true;
}

static bool is_printable(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < 32 || s[i] == 127) return false;
  return true;
}

/* tcpserver writes names in small letters and without a dot at the end. */
static enum rule_verdict name(struct rule_address *to, char const *s, size_t len)
{
  stralloc lower = STRALLOC_ZERO;
  to->needs |= NEEDS_NAME;
  if (has(s, len, "*"))
    return rule_fault(to, RULE_DEAD, "there are no stars: =.example.org is every name below example.org");
  if (len > 1 && s[len - 1] == '.') return rule_fault(to, RULE_DEAD, "no name ends with a dot here");
  for (size_t i = 0; i < len; i++) text_addc(&lower, (char)tolower((unsigned char)s[i]));
  rule_key(to, lower.s, lower.len);
  stralloc_free(&lower);
  return RULE_GOOD;
}

static enum rule_verdict network_address(struct rule_address *to, char const *s, size_t len)
{
  return only(s, len, "0123456789./-") ? rule_ip4(to, s, len) : rule_ip6(to, s, len);
}

/* [fd77::5], [fd77::]/64 */
static enum rule_verdict bracketed(struct rule_address *to, char const *s, size_t len)
{
  stralloc plain = STRALLOC_ZERO;
  char const *end = memchr(s, ']', len);
  size_t skip = len > 6 && memcmp(s, "[IPv6:", 6) == 0 ? 6 : 1;
  if (!end || (end + 1 < s + len && end[1] != '/')) return rule_fault(to, RULE_DEAD, NEITHER);
  text_setb(&plain, s + skip, (size_t)(end - s) - skip);
  text_addb(&plain, end + 1, len - (size_t)(end + 1 - s));
  enum rule_verdict verdict = network_address(to, plain.s, plain.len);
  stralloc_free(&plain);
  return verdict;
}

static enum rule_verdict plain_word(struct rule_address *to, char const *s, size_t len)
{
  if (only(s, len, "0123456789abcdefABCDEF") && len <= 4) {
    text_setb(&to->better, s, len);
    text_add(&to->better, "::/16");
    return rule_fault(to, RULE_DEAD, "an incomplete address matches nobody");
  }
  if (has(s, len, "/*")) return rule_fault(to, RULE_DEAD, NEITHER);
  text_set(&to->better, "=");
  text_addb(&to->better, s, len);
  return rule_fault(to, RULE_DEAD, "a name without = in front matches nobody");
}

/* An address or a name, not what ident says. */
static enum rule_verdict host(struct rule_address *to, char const *s, size_t len)
{
  if (s[0] == '=') return name(to, s, len);
  if (s[0] == '[') return bracketed(to, s, len);
  if (has(s, len, "*"))
    return rule_fault(to, RULE_DEAD, "there are no stars: all that begin so end with a dot, or a.b.c.d/n");
  if (has(s, len, ":") || only(s, len, "0123456789./-")) return network_address(to, s, len);
  return plain_word(to, s, len);
}

/* 1.2.3.4, fd77::5 or =name, but neither a prefix nor =.suffix. */
static bool is_whole(struct rule_address const *a)
{
  if (a->count != 1) return false;
  if (a->needs) return a->keys.len > 2 && a->keys.s[1] != '.';
  return a->bits == (memchr(a->keys.s, ':', a->keys.len) ? 128 : 32);
}

/* joe@1.2.3.4, joe@=host.example.org: whole addresses and names only. */
static enum rule_verdict ident(struct rule_address *to, char const *s, size_t user, size_t len)
{
  struct rule_address at = RULE_ADDRESS_ZERO;
  stralloc key = STRALLOC_ZERO;
  enum rule_verdict verdict = user + 1 < len ? host(&at, s + user + 1, len - user - 1) : RULE_DEAD;
  to->needs = NEEDS_IDENT | at.needs;
  if (verdict == RULE_GOOD && is_whole(&at)) {
    text_setb(&key, s, user + 1);
    text_addb(&key, at.keys.s, at.keys.len - 1);
    rule_key(to, key.s, key.len);
  } else verdict = rule_fault(to, RULE_DEAD, "behind the @ stands one whole address or =name");
  stralloc_free(&key);
  rule_address_free(&at);
  return verdict;
}

enum rule_verdict rule_address(struct rule_address *to, char const *s, size_t len)
{
  to->keys.len = to->better.len = 0;
  to->count = to->bits = to->needs = 0;
  to->why = 0;
  if (!len) {
    rule_key(to, "", 0);
    return RULE_GOOD;
  }
  if (len > RULE_ADDRESS_MAX) return rule_fault(to, RULE_DEAD, "longer than any address");
  if (!is_printable(s, len)) return rule_fault(to, RULE_DEAD, "a control character in the address");
  if (has(s, len, ",")) return rule_fault(to, RULE_DEAD, "one address on each line: a comma matches nobody");
  if (has(s, len, " ")) return rule_fault(to, RULE_DEAD, "a blank within the address matches nobody");
  char const *at = memrchr(s, '@', len);
  return at ? ident(to, s, (size_t)(at - s), len) : host(to, s, len);
}
