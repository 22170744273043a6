/* dane: the certificates that a server may show, by word of its zone: TLSA records (RFC 6698), as mail servers have them
   (RFC 7672 3.1). Pure. */

#ifndef MAILTREE_DANE_H
#define MAILTREE_DANE_H

#include <stddef.h>

#include "dns_message.h"

enum {
  DANE_BYTES_MAX = 12288,     /* of records that are kept; with names and what else is asked a question to the TLS service */
  DANE_CA = 2, DANE_SERVER = 3    /* usages: who has signed it, the server's own; the others are not for mail servers */
};

struct dane_records {
  size_t count;               /* of all that the zone has; none: it says nothing */
  size_t len;                 /* of those that can be compared with a certificate, behind each other (tls_tlsa_pack) */
  char packed[DANE_BYTES_MAX];
};

/* Those of an answer. More than there is room for, or than can be asked with, are left out. */
void dane_read(struct dane_records *to, struct dns_message m);

#endif
