/* smtp_route: artificial routes (control/smtproutes). Pure. */

#ifndef MAILTREE_SMTP_ROUTE_H
#define MAILTREE_SMTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "nameset.h"

enum { SMTP_PORT = 25, SUBMISSIONS_PORT = 465 };

struct smtp_route {
  char const *host;      /* not terminated, owned by the set of routes */
  size_t host_len;
  unsigned port;
  bool tls;              /* from the first byte on, as on port 465 (RFC 8314) */
};

/* The relay that mail for a host must go to: the entry of the host, of its suffixes that begin with a dot, of the empty
   name; the first one counts. False: no entry, or an empty one, which means the usual way. */
bool smtp_route_for(struct smtp_route *relay, struct nameset const *routes, char const *host);

/* Reads "relay", "relay:port", "relay:port:tls", "[address]" and so on. A port that is no number from 1 to 65535 is port 0,
   where nobody answers. */
void smtp_route_parse(struct smtp_route *relay, char const *s, size_t len);

#endif
