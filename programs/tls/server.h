/* server: our side of a handshake that a client begins. */

#ifndef MAILTREE_TLS_SERVER_H
#define MAILTREE_TLS_SERVER_H

#include <openssl/ssl.h>

#include "tls_wire.h"

/* A new context for a certificate. */
SSL_CTX *server_context(void);

/* A connection as the question wants it; it must stay where it is. Null, and why. */
SSL *server_begin(struct tls_question const *q, char const **why);

/* After the handshake: what there is to tell. Texts lie in static memory. */
void server_describe(struct tls_answer *a, SSL *ssl);

#endif
