/* ipme: which addresses are this machine's own. */

#ifndef MAILTREE_IPME_H
#define MAILTREE_IPME_H

#include <stdbool.h>

#include <skalibs/ip46.h>

/* Reads the addresses of all interfaces that are up. 1, or 0 with errno. */
int ipme_init(void);

/* Whether the address is one of them; 0.0.0.0 and :: always are. */
bool ipme_is(ip46 const *ip);

#endif
