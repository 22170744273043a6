/* network: addresses of IPv4 and IPv6 in one space, and networks of them. Pure. */

#ifndef MAILTREE_NETWORK_H
#define MAILTREE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

enum { NETWORK_SIZE = 16, NETWORK_BITS = 128, NETWORK_BITS_OF_IP4 = 96 };

/* Those of IPv4 stand at ::ffff:0:0/96, where a socket that takes both shows them. */
struct network {
  unsigned char ip[NETWORK_SIZE];       /* the first bits, and zeros */
  unsigned bits;
};

/* One address, as literal_number takes it. */
bool network_of(struct network *n, char const *s, size_t len);

/* ADDRESS or ADDRESS/BITS, where no bit behind those may be set. */
bool network_read(struct network *n, char const *s, size_t len);

/* Cuts it down to so many bits. */
void network_cut(struct network *n, unsigned bits);

bool network_is_ip4(struct network const *n);
bool network_has(struct network const *n, struct network const *part);

enum { NETWORK_FMT = 48 };
size_t network_fmt(char to[NETWORK_FMT], struct network const *n);      /* a single address without its bits */

#endif
