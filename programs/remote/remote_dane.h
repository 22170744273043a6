/* remote_dane: what the zone of a server says of its certificate: TLSA records (DANE, RFC 7672). Asked for only where its
   addresses, and the way to its name, are proven. */

#ifndef MAILTREE_REMOTE_DANE_H
#define MAILTREE_REMOTE_DANE_H

#include "dns.h"
#include "fields.h"

enum dane_wish {
  DANE_SILENT,          /* it says nothing, or nothing that is proven */
  DANE_ENCRYPTED,       /* that there is TLS; its records are of no use to tell who has it */
  DANE_PROVEN,          /* and a certificate that agrees with one of them */
  DANE_UNKNOWN          /* nobody can tell now what it says, or somebody keeps it from us */
};

struct dane {
  enum dane_wish wish;
  char const *place;    /* where its records were looked for */
  char const *base;     /* the host they are of, which is how it is called */
  struct field names;   /* that its certificate may have, each with a NUL behind it */
  struct field tlsa;    /* its records, as a question to the TLS service has them */
};

/* Of the server at that address, called so by DNS or a route. The domain's mail goes there; null for a relay's. Asked once for
   each server, good until the next call. */
struct dane const *dane_of(struct dns_addresses const *found, struct dns_address const *a, char const *server, char const *domain,
                           unsigned port);

/* The next call is about other addresses. */
void dane_forget(void);

#endif
