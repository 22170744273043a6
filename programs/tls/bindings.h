/* bindings: what names one connection in TLS and no other (channel bindings), for a login that shall count there only. */

#ifndef MAILTREE_TLS_BINDINGS_H
#define MAILTREE_TLS_BINDINGS_H

#include <openssl/ssl.h>

#include "tls_wire.h"

/* tls-exporter (RFC 9266), by TLS 1.3 only: with 1.2 libraries do not agree on it; and tls-server-end-point (RFC 5929),
   unless the server's certificate is signed in a way that has no digest. Bytes lie in static memory. */
void bindings_tell(struct tls_answer *a, SSL *ssl, X509 *of_server);

#endif
