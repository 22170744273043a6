/* ends: the two ends of a TCP connection. */

#ifndef MAILTREE_SMTP_ENDS_H
#define MAILTREE_SMTP_ENDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <skalibs/ip46.h>

struct end { ip46 ip; uint16_t port; };

/* The end that name, getsockname or getpeername, tells of. An IPv4 client of a socket for both is an IPv4 client.
   False: fd is no TCP connection, or it is gone. */
bool end_read(struct end *e, int fd, int (*name)(int, struct sockaddr *, socklen_t *));

#endif
