#include <stdbool.h>
#include <string.h>

#include "rule_address.h"
#include "text.h"

/* Up to four parts, each a number or a range of them. */
struct pattern {
  long low[4], high[4];
  unsigned parts;
  bool goes_on;         /* a dot behind the last part: all that begin so */
  bool is_padded;
};

static char const INCOMPLETE[] = "an incomplete address matches nobody: all that begin so end with a dot";

static char const *one_number(struct pattern *p, long *n, char const *s, size_t len, size_t *at)
{
  size_t start = *at;
  *n = rule_number(s, len, at, 1000);
  if (*n < 0) return "a number is missing between the dots";
  if (*n > 255) return "no part of an address is above 255";
  if (*at - start > 1 && s[start] == '0') p->is_padded = true;
  return 0;
}

static char const *one_part(struct pattern *p, char const *s, size_t len, size_t *at)
{
  long *low = &p->low[p->parts], *high = &p->high[p->parts];
  char const *why = one_number(p, low, s, len, at);
  *high = *low;
  if (!why && *at < len && s[*at] == '-') {
    ++*at;
    why = one_number(p, high, s, len, at);
  }
  if (!why && *high < *low) why = "the range runs backwards, so that nothing is in it";
  p->parts++;
  return why;
}

/* Reads up to the end or a slash. */
static char const *read_parts(struct pattern *p, char const *s, size_t len, size_t *at)
{
  memset(p, 0, sizeof *p);
  for (;;) {
    if (p->parts == 4) return "an address has four parts";
    char const *why = one_part(p, s, len, at);
    if (why) return why;
    if (*at == len || s[*at] == '/') return 0;
    if (s[*at] != '.') return "a range is a number, a dash, a number, within one part of an address";
    ++*at;
    if (*at < len && s[*at] != '/') continue;
    p->goes_on = true;
    return 0;
  }
}

static bool is_range(struct pattern const *p)
{
  for (unsigned i = 0; i < p->parts; i++)
    if (p->low[i] != p->high[i]) return true;
  return false;
}

static bool are_too_many(struct pattern const *p)
{
  long n = 1;
  for (unsigned i = 0; i < p->parts; i++) n *= p->high[i] - p->low[i] + 1;
  return n > RULE_KEYS_MAX;
}

static void write_key(struct rule_address *to, struct pattern const *p, long const value[4])
{
  stralloc key = STRALLOC_ZERO;
  for (unsigned i = 0; i < p->parts; i++) {
    text_addu(&key, (uint64_t)value[i]);
    if (i + 1 < p->parts || p->parts < 4) text_addc(&key, '.');
  }
  rule_key(to, key.s, key.len);
  stralloc_free(&key);
}

/* Counts through the ranges as a clock does, the last part first. */
static enum rule_verdict write_keys(struct rule_address *to, struct pattern const *p)
{
  long value[4];
  if (are_too_many(p)) return rule_fault(to, RULE_WRONG, "too many addresses for one line");
  memcpy(value, p->low, sizeof value);
  for (;;) {
    unsigned i = p->parts;
    write_key(to, p, value);
    while (i && value[i - 1] == p->high[i - 1]) i--, value[i] = p->low[i];
    if (!i) return RULE_GOOD;
    value[i - 1]++;
  }
}

enum rule_verdict rule_ip4_network(struct rule_address *to, unsigned char const ip[4], unsigned bits)
{
  struct pattern p = { .parts = bits ? (bits + 7) / 8 : 1 };
  unsigned host_bits = 8 * p.parts - bits;
  for (unsigned i = 0; i < p.parts; i++) p.low[i] = p.high[i] = ip[i];
  p.high[p.parts - 1] |= (1 << host_bits) - 1;
  p.low[p.parts - 1] &= ~((1 << host_bits) - 1);
  to->bits = bits;
  for (unsigned i = p.parts; i < 4; i++)
    if (ip[i]) to->why = "what is behind the bits of the prefix does not count";
  if (p.low[p.parts - 1] != ip[p.parts - 1]) to->why = "what is behind the bits of the prefix does not count";
  return write_keys(to, &p);
}

static enum rule_verdict network(struct rule_address *to, struct pattern const *p, char const *s, size_t len,
                                 size_t at)
{
  unsigned char ip[4] = { 0 };
  long bits = rule_number(s, len, &at, 1000);
  if (bits < 0 || bits > 32 || at < len)
    return rule_fault(to, RULE_DEAD, "behind the slash stands a number of bits, 0 to 32");
  if (is_range(p)) return rule_fault(to, RULE_DEAD, "a range and a slash together are not understood");
  for (unsigned i = 0; i < p->parts; i++) ip[i] = (unsigned char)p->low[i];
  return rule_ip4_network(to, ip, (unsigned)bits);
}

enum rule_verdict rule_ip4(struct rule_address *to, char const *s, size_t len)
{
  struct pattern p;
  size_t at = 0;
  char const *why = read_parts(&p, s, len, &at);
  if (why) return rule_fault(to, RULE_DEAD, why);
  if (p.is_padded) to->why = "zeros in front of a number do not count";
  if (at < len) return network(to, &p, s, len, at + 1);
  if (p.parts < 4 && !p.goes_on) {
    text_setb(&to->better, s, len);
    text_addc(&to->better, '.');
    return rule_fault(to, RULE_DEAD, INCOMPLETE);
  }
  if (p.parts == 4 && p.goes_on) to->why = "no dot behind a whole address";
  to->bits = 8 * p.parts;
  return write_keys(to, &p);
}
