/* proxy: the header that a load balancer puts in front of a connection to tell whose it is (PROXY protocol, 1 and 2). Pure. */

#ifndef MAILTREE_SMTP_PROXY_H
#define MAILTREE_SMTP_PROXY_H

#include <stddef.h>

enum { PROXY_MAX = 4096, PROXY_IP_MAX = 46, PROXY_PORT_MAX = 6 };     /* bytes, the texts with their NUL */

enum proxy_said {
  PROXY_MORE,         /* the header is not complete */
  PROXY_BROKEN,       /* it is none */
  PROXY_OWN,          /* the balancer speaks for itself, or does not know */
  PROXY_CLIENT
};

struct proxy {
  size_t len;         /* of the header, when it is complete */
  char ip[PROXY_IP_MAX], local_ip[PROXY_IP_MAX];
  char port[PROXY_PORT_MAX], local_port[PROXY_PORT_MAX];
};

/* Of the bytes that have come. An IPv4 address within IPv6 is shown as the former. */
enum proxy_said proxy_read(struct proxy *to, char const *s, size_t len);

#endif
