#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <skalibs/genalloc.h>

#include "ipme.h"

static genalloc own = GENALLOC_ZERO;    /* of ip46 */

static char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff };
static char const compatible[12];

/* ::ffff:10.0.0.1, and where it is still understood ::10.0.0.1, reaches the same host as 10.0.0.1. */
static ip46 plain(ip46 const *ip)
{
  ip46 four = *ip;
  bool embedded = !memcmp(ip->ip, mapped, sizeof mapped) || !memcmp(ip->ip, compatible, sizeof compatible);
  if (ip->is6 && embedded) ip46_from_ip4(&four, ip->ip + 12);
  return four;
}

static bool same(ip46 const *a, ip46 const *b)
{
  return a->is6 == b->is6 && !memcmp(a->ip, b->ip, a->is6 ? 16 : 4);
}

static bool from_sockaddr(ip46 *ip, struct sockaddr const *address)
{
  if (!address) return false;
  if (address->sa_family == AF_INET) {
    ip46_from_ip4(ip, (char const *)&((struct sockaddr_in const *)address)->sin_addr);
    return true;
  }
  if (address->sa_family == AF_INET6) {
    ip46_from_ip6(ip, (char const *)&((struct sockaddr_in6 const *)address)->sin6_addr);
    return true;
  }
  return false;
}

/* The loopback network, and "this network" (RFC 1122 3.2.1.3), whole: no interface has more than one of their addresses,
   and every one reaches us. :: and ::1 come here as 0.0.0.0 and 0.0.0.1. */
static bool leads_here(char const four[4])
{
  return four[0] == 127 || four[0] == 0;
}

int ipme_init(void)
{
  struct ifaddrs *all;
  int done = 1;
  ip46 ip;
  if (getifaddrs(&all) == -1) return 0;
  genalloc_setlen(ip46, &own, 0);
  for (struct ifaddrs *i = all; i && done; i = i->ifa_next)
    if ((i->ifa_flags & IFF_UP) && from_sockaddr(&ip, i->ifa_addr)) done = genalloc_append(ip46, &own, &ip);
  freeifaddrs(all);
  return done;
}

bool ipme_is(ip46 const *ip)
{
  ip46 wanted = plain(ip);
  if (!wanted.is6 && leads_here(wanted.ip)) return true;
  for (size_t i = 0; i < genalloc_len(ip46, &own); i++)
    if (same(genalloc_s(ip46, &own) + i, &wanted)) return true;
  return false;
}
