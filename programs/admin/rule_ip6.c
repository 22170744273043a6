#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rule_address.h"
#include "text.h"

enum { GROUP_BITS = 16, WHOLE = 128, MAPPED = 96 };

/* The longest row of zero groups; its length is 0 when there is none. */
static unsigned zeros(uint16_t const groups[IP6_GROUPS], unsigned *length)
{
  unsigned best = 0, from = 0;
  *length = 0;
  for (unsigned i = 0; i < IP6_GROUPS; i++) {
    if (groups[i]) from = i + 1;
    else if (i + 1 - from > *length) best = from, *length = i + 1 - from;
  }
  return best;
}

size_t rule_ip6_text(char text[IP6_TEXT_MAX], uint16_t const groups[IP6_GROUPS])
{
  unsigned length, gap = zeros(groups, &length);
  size_t at = 0;
  for (unsigned i = 0; i < IP6_GROUPS; i++) {
    if (length && i == gap) {
      at += (size_t)sprintf(text + at, i ? ":" : "::");
      i += length - 1;
    } else at += (size_t)sprintf(text + at, i + 1 < IP6_GROUPS ? "%x:" : "%x", groups[i]);
  }
  text[at] = 0;
  return at;
}

/* "2a03:b0c0:0:": so begin all of these groups, where tcpserver leaves no zeros out. */
static void groups_text(stralloc *to, uint16_t const *groups, unsigned n)
{
  char digits[8];
  to->len = 0;
  for (unsigned i = 0; i < n; i++) text_addb(to, digits, (size_t)sprintf(digits, "%x:", groups[i]));
}

static enum rule_verdict cannot_be_told(struct rule_address *to, uint16_t const *groups, unsigned zero)
{
  groups_text(&to->better, groups, zero);
  text_add(&to->better, zero ? ":/" : "::/");
  text_addu(&to->better, GROUP_BITS * (uint64_t)(zero + 1));
  return rule_fault(to, RULE_WRONG, "tcpserver leaves zeros out, so that others look the same: take all around it");
}

/* Behind left-out zeros nobody can tell which group is which; so only the last group may be zero, which is then
   either written or the first of those left out. */
static enum rule_verdict begin_with(struct rule_address *to, uint16_t const *groups, unsigned n)
{
  stralloc key = STRALLOC_ZERO;
  unsigned zero = 0;
  while (zero < n && groups[zero]) zero++;
  if (zero + 1 < n) return cannot_be_told(to, groups, zero);
  groups_text(&key, groups, n);
  rule_key(to, key.s, key.len);
  if (zero < n) {
    groups_text(&key, groups, zero);
    text_add(&key, zero ? ":" : "::");
    rule_key(to, key.s, key.len);
  }
  stralloc_free(&key);
  return RULE_GOOD;
}

static enum rule_verdict one_address(struct rule_address *to, uint16_t const groups[IP6_GROUPS])
{
  char text[IP6_TEXT_MAX];
  size_t len = rule_ip6_text(text, groups);
  rule_key(to, text, len);
  return RULE_GOOD;
}

/* The group in which the prefix ends takes several values. */
static enum rule_verdict network(struct rule_address *to, uint16_t *groups, unsigned bits)
{
  unsigned last = bits ? (bits - 1) / GROUP_BITS : 0, more = (last + 1) * GROUP_BITS - bits;
  unsigned low = groups[last] & ~((1U << more) - 1), high = low | ((1U << more) - 1);
  enum rule_verdict verdict = RULE_GOOD;
  to->bits = bits;
  if (high - low >= RULE_KEYS_MAX)
    return rule_fault(to, RULE_WRONG, "too many addresses for one line; an empty address is everyone");
  for (unsigned value = low; value <= high && verdict == RULE_GOOD; value++) {
    groups[last] = (uint16_t)value;
    verdict = last + 1 == IP6_GROUPS ? one_address(to, groups) : begin_with(to, groups, last + 1);
  }
  return verdict;
}

static bool is_mapped(uint16_t const groups[IP6_GROUPS])
{
  for (unsigned i = 0; i < 5; i++)
    if (groups[i]) return false;
  return groups[5] == 0xffff;
}

static bool rest_is_zero(uint16_t const groups[IP6_GROUPS], unsigned bits)
{
  for (unsigned i = bits; i < WHOLE; i++)
    if (groups[i / GROUP_BITS] >> (GROUP_BITS - 1 - i % GROUP_BITS) & 1) return false;
  return true;
}

/* IPv4 clients have IPv4 addresses, whatever the socket they came by. */
static enum rule_verdict write_network(struct rule_address *to, uint16_t groups[IP6_GROUPS], unsigned bits)
{
  if (is_mapped(groups) && bits >= MAPPED) {
    unsigned char const ip[4] = { (unsigned char)(groups[6] >> 8), (unsigned char)groups[6],
                                  (unsigned char)(groups[7] >> 8), (unsigned char)groups[7] };
    return rule_ip4_network(to, ip, bits - MAPPED);
  }
  if (!rest_is_zero(groups, bits)) to->why = "what is behind the bits of the prefix does not count";
  return network(to, groups, bits);
}

static bool is_hex(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "fd77:1:2" or "fd77:1:2:": how many groups, 0 when it is something else. */
static unsigned read_groups(uint16_t groups[IP6_GROUPS], char const *s, size_t len)
{
  unsigned n = 0;
  memset(groups, 0, IP6_GROUPS * sizeof *groups);
  for (size_t at = 0; at < len; n++) {
    size_t start = at;
    unsigned value = 0;
    for (; at < len && is_hex(s[at]); at++)
      value = value * 16 + (unsigned)(s[at] <= '9' ? s[at] - '0' : (s[at] | 32) - 'a' + 10);
    if (at == start || at - start > 4 || n == IP6_GROUPS || (at < len && s[at] != ':')) return 0;
    groups[n] = (uint16_t)value;
    at += at < len;
  }
  return n;
}

static bool read_whole(uint16_t groups[IP6_GROUPS], char const *s, size_t len)
{
  char text[INET6_ADDRSTRLEN];
  unsigned char ip[16];
  if (!len || len >= sizeof text) return false;
  memcpy(text, s, len);
  text[len] = 0;
  if (inet_pton(AF_INET6, text, ip) != 1) return false;
  for (size_t i = 0; i < IP6_GROUPS; i++) groups[i] = (uint16_t)(ip[2 * i] << 8 | ip[2 * i + 1]);
  return true;
}

static enum rule_verdict with_bits(struct rule_address *to, char const *s, size_t len, size_t slash)
{
  uint16_t groups[IP6_GROUPS];
  size_t at = slash + 1;
  long bits = rule_number(s, len, &at, 1000);
  if (bits < 0 || bits > WHOLE || at < len)
    return rule_fault(to, RULE_DEAD, "behind the slash stands a number of bits, 0 to 128");
  if (!read_whole(groups, s, slash) && !read_groups(groups, s, slash))
    return rule_fault(to, RULE_DEAD, "not an IPv6 address");
  return write_network(to, groups, (unsigned)bits);
}

static void suggest_network(struct rule_address *to, uint16_t const *groups, unsigned n)
{
  groups_text(&to->better, groups, n);
  text_add(&to->better, ":/");
  text_addu(&to->better, GROUP_BITS * (uint64_t)n);
}

/* All that begin so, as tcprules(1) has it; what is written is what is looked for. */
static enum rule_verdict beginning(struct rule_address *to, uint16_t const *groups, unsigned n)
{
  stralloc key = STRALLOC_ZERO;
  unsigned zero = 0;
  to->bits = n * GROUP_BITS;
  while (zero < n && groups[zero]) zero++;
  if (zero + 1 >= n) return begin_with(to, groups, n);
  groups_text(&key, groups, n);
  rule_key(to, key.s, key.len);
  stralloc_free(&key);
  to->why = "tcpserver leaves zeros out, so that not all of this network are found by it";
  return RULE_GOOD;
}

static enum rule_verdict without_bits(struct rule_address *to, char const *s, size_t len)
{
  uint16_t groups[IP6_GROUPS];
  if (read_whole(groups, s, len)) {
    if (len > 2 && s[len - 1] == ':' && !is_mapped(groups))
      to->why = "an address, and whatever is written so: for a network add its bits, as in /64";
    return write_network(to, groups, WHOLE);
  }
  unsigned n = read_groups(groups, s, len);
  if (!n || n == IP6_GROUPS) return rule_fault(to, RULE_DEAD, "not an IPv6 address");
  if (s[len - 1] == ':') return beginning(to, groups, n);
  suggest_network(to, groups, n);
  return rule_fault(to, RULE_DEAD, "an incomplete address matches nobody");
}

enum rule_verdict rule_ip6(struct rule_address *to, char const *s, size_t len)
{
  char const *slash = memchr(s, '/', len);
  if (memchr(s, '%', len)) return rule_fault(to, RULE_DEAD, "tcpserver tells no interface: leave the % out");
  if (memchr(s, '-', len))
    return rule_fault(to, RULE_WRONG, "ranges are for IPv4: write a prefix and its bits, as in fd77:1:2:3::/64");
  return slash ? with_bits(to, s, len, (size_t)(slash - s)) : without_bits(to, s, len);
}
