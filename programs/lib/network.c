#include <string.h>

#include <skalibs/ip46.h>
#include <skalibs/types.h>

#include "literal.h"
#include "network.h"

static unsigned char const ip4_space[12] = { [10] = 255, [11] = 255 };

bool network_of(struct network *n, char const *s, size_t len)
{
  ip46 ip;
  if (!literal_number(&ip, s, len)) return false;
  n->bits = NETWORK_BITS;
  if (ip.is6) memcpy(n->ip, ip.ip, sizeof n->ip);
  else {
    memcpy(n->ip, ip4_space, sizeof ip4_space);
    memcpy(n->ip + sizeof ip4_space, ip.ip, 4);
  }
  return true;
}

bool network_is_ip4(struct network const *n)
{
  return n->bits >= NETWORK_BITS_OF_IP4 && !memcmp(n->ip, ip4_space, sizeof ip4_space);
}

void network_cut(struct network *n, unsigned bits)
{
  for (unsigned i = bits; i < NETWORK_BITS; i++) n->ip[i / 8] &= (unsigned char)~(128 >> i % 8);
  if (bits < n->bits) n->bits = bits;
}

/* One to three digits. */
static bool number(unsigned *to, char const *s, size_t len)
{
  *to = 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    *to = 10 * *to + (unsigned)(s[i] - '0');
  }
  return len && len <= 3;
}

bool network_read(struct network *n, char const *s, size_t len)
{
  struct network cut;
  unsigned bits;
  char const *slash = len ? memchr(s, '/', len) : 0;
  if (!slash) return network_of(n, s, len);
  if (!network_of(n, s, (size_t)(slash - s)) || !number(&bits, slash + 1, (size_t)(s + len - slash - 1))) return false;
  if (bits > (network_is_ip4(n) ? NETWORK_BITS - NETWORK_BITS_OF_IP4 : NETWORK_BITS)) return false;
  if (network_is_ip4(n)) bits += NETWORK_BITS_OF_IP4;
  cut = *n;
  network_cut(&cut, bits);
  if (memcmp(cut.ip, n->ip, sizeof n->ip) != 0) return false;
  *n = cut;
  return true;
}

bool network_has(struct network const *n, struct network const *part)
{
  struct network cut = *part;
  network_cut(&cut, n->bits);
  return part->bits >= n->bits && !memcmp(cut.ip, n->ip, sizeof n->ip);
}

size_t network_fmt(char to[NETWORK_FMT], struct network const *n)
{
  bool ip4 = network_is_ip4(n);
  size_t len = ip4 ? ip4_fmt(to, (char const *)n->ip + sizeof ip4_space) : ip6_fmt(to, (char const *)n->ip);
  if (n->bits == NETWORK_BITS) return len;
  to[len++] = '/';
  return len + uint_fmt(to + len, ip4 ? n->bits - NETWORK_BITS_OF_IP4 : n->bits);
}
