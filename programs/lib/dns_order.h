/* dns_order: in which order hosts and addresses are tried. Pure functions of dns.c. */

#ifndef MAILTREE_DNS_ORDER_H
#define MAILTREE_DNS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/ip46.h>

#include "dns.h"

enum { DNS_HOST_ADDRESSES_MAX = 16 };   /* of each family that one host may have */

struct dns_host {
  char *name;
  uint16_t preference;
  enum dns_result four_result, six_result;
  size_t fours, sixes;
  bool four_proven, six_proven;
  char *canonical;        /* of whom it is an alias, by an answer that was proven; null: of nobody */
  ip46 four[DNS_HOST_ADDRESSES_MAX], six[DNS_HOST_ADDRESSES_MAX];
};

/* Best (lowest) preference first, random among equals. random(n) gives 0 to n - 1. */
void dns_order_hosts(struct dns_host *hosts, size_t count, uint32_t (*random)(uint32_t n));

/* The addresses of one host, the families by turns, IPv6 first or not. Returns their number; `to` has room for
   2 * DNS_HOST_ADDRESSES_MAX. */
size_t dns_order_addresses(ip46 *to, struct dns_host const *host, bool six_first);

/* Which of the two the default policy table of RFC 6724 (section 2.1) prefers for a host that has both: true for an
   IPv6 address of the wide world, false for one of a private network or a tunnel. */
bool dns_order_six_is_better(ip46 const *six);

#endif
