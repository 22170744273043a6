/* literal: addresses of machines written as text, alone or as the domain of a mail address. */

#ifndef MAILTREE_LITERAL_H
#define MAILTREE_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/ip46.h>

/* Whether the len bytes are an address, and which: 192.0.2.1 or 2001:db8::1, nothing around it. Not ip46_scan, which
   takes 10.1.2.256 for 10.1.2.0. */
bool literal_number(ip46 *ip, char const *s, size_t len);

/* The same for an address literal (RFC 5321 4.1.3): [192.0.2.1], [IPv6:2001:db8::1], and without the tag
   [2001:db8::1]. */
bool literal_scan(ip46 *ip, char const *s, size_t len);

#endif
