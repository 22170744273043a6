/* send_limits: how many connections and how many messages in a time control/destinationconnections and destinationrate allow a
   destination.

   A line is that of a domain of recipients, or of a server by its name; both may have suffixes that begin with a dot. Of the
   lines that name the domains and servers of a destination the strictest counts, those of all the rest only where none does. */

#ifndef MAILTREE_SEND_LIMITS_H
#define MAILTREE_SEND_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "destination_line.h"

struct send_limits {
  bool connections_named, rate_named;       /* there is a line for it */
  unsigned connections;                     /* 0: no limit */
  struct destination_rate rate;
};

struct send_limits limits_of_domain(char const *domain, size_t len);

/* Of servers by the name of a destination: names, addresses, or a relay with its port, with ',' or '>' between them. */
struct send_limits limits_of_servers(char const *name, size_t len);

/* Mail for a domain goes to the servers: what is said of it by name counts for them. */
void limits_join(struct send_limits *servers, struct send_limits const *domain);

#endif
