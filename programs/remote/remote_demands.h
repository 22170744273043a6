/* remote_demands: what a server must be to get the mail: by control/tlspolicy, or, where that leaves it to them, by what those who
   run it have published. */

#ifndef MAILTREE_REMOTE_DEMANDS_H
#define MAILTREE_REMOTE_DEMANDS_H

#include "dns.h"
#include "remote_keep.h"
#include "tls_policy.h"
#include "remote_session.h"

/* Whose mail it is, and where the server was found. */
struct demand {
  struct tls_policy policy;
  struct secrecy least;         /* by that alone, */
  struct field names;           /* and names that the certificate may have, each with a NUL behind it */
  char const *domain;           /* null: the mail goes to a relay */
  bool tls;                     /* there is a service that speaks it, */
  bool sts;                     /* and policies of domains (remote_sts.h) */
  struct dns_addresses const *found;
  struct dns_address const *address;
  char const *server;           /* how DNS or a route calls it; empty: it has no name */
  unsigned port;
};

/* What control/tlspolicy alone asks of every server; tls_first: a relay that speaks nothing else. */
struct secrecy demands_least(struct tls_policy const *p, bool tls_first);

/* Sets what the session asks of the server, and what a report of it begins with. False when it is not to be tried at all, and why. */
bool demands_set(struct session *session, struct demand const *d, struct session_failure *why);

/* Whether what is set for this session comes of something that was published. It goes in TLS where that can be had, even if nothing is
   asked: a policy that is only tried out is to show what would come of it. */
bool demands_are_published(struct session const *session);

/* Whether a connection to it that another domain's mail has left is as good as a new one. */
bool demands_are_met(struct demand const *d, struct connection const *c);

#endif
