/* literal: domains that are addresses, user@[192.0.2.1] and user@[IPv6:2001:db8::1] (RFC 5321 4.1.3). */

#ifndef MAILTREE_LITERAL_H
#define MAILTREE_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/ip46.h>

/* Whether the domain is an address literal; if so the address. */
bool literal_scan(ip46 *ip, char const *domain, size_t len);

#endif
