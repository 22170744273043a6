/* ipme: which addresses are this machine's own. */

#ifndef MAILTREE_IPME_H
#define MAILTREE_IPME_H

#include <stdbool.h>

#include <skalibs/ip46.h>

/* Reads the addresses of all interfaces that are up. 1, or 0 with errno. */
int ipme_init(void);

/* Whether the address leads to this machine: one of them, or any of 127.0.0.0/8, 0.0.0.0/8, ::1 and ::, in whatever form. */
bool ipme_is(ip46 const *ip);

#endif
