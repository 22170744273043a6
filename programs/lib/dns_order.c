#include <stdlib.h>

#include "dns_order.h"

static void exchange(struct dns_host *a, struct dns_host *b)
{
  struct dns_host between = *a;
  *a = *b;
  *b = between;
}

static int by_preference(void const *a, void const *b)
{
  struct dns_host const *x = a, *y = b;
  return (x->preference > y->preference) - (x->preference < y->preference);
}

/* Shuffled in the groups of equal preference, since qsort may leave equals in any order, but not a random one. */
void dns_order_hosts(struct dns_host *hosts, size_t count, uint32_t (*random)(uint32_t n))
{
  qsort(hosts, count, sizeof *hosts, by_preference);
  for (size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && hosts[end].preference == hosts[begin].preference; end++) ;
    for (size_t left = end - begin; left > 1; left--)
      exchange(hosts + begin + left - 1, hosts + begin + random((uint32_t)left));
  }
}

size_t dns_order_addresses(ip46 *to, struct dns_host const *host, bool six_first)
{
  size_t count = 0, four = 0, six = 0;
  bool six_now = six_first;
  while (four < host->fours || six < host->sixes) {
    if (six < host->sixes && (six_now || four == host->fours)) to[count++] = host->six[six++];
    else to[count++] = host->four[four++];
    six_now = !six_now;
  }
  return count;
}

bool dns_order_six_is_better(ip46 const *six)
{
  unsigned char const *s = (unsigned char const *)six->ip;
  bool private = (s[0] & 0xfe) == 0xfc;                             /* fc00::/7 */
  bool link_or_site = s[0] == 0xfe && (s[1] & 0x80);                /* fe80::/10, fec0::/10 */
  bool six_to_four = s[0] == 0x20 && s[1] == 0x02;                  /* 2002::/16 */
  bool teredo = s[0] == 0x20 && s[1] == 0x01 && !s[2] && !s[3];     /* 2001::/32 */
  return !private && !link_or_site && !six_to_four && !teredo;
}
