/* client: our side of a handshake with a server, and who he turns out to be. */

#ifndef MAILTREE_TLS_CLIENT_H
#define MAILTREE_TLS_CLIENT_H

#include <openssl/ssl.h>

#include "tls_wire.h"

/* In the first process, once. False without memory. */
bool client_set_up(void);

/* A connection as the question wants it, with what is known from an earlier one to the same place (sessions.h). Null, and
   why. The question must stay where it is. */
SSL *client_begin(struct tls_question const *q, int network, char const **why);

/* After the handshake: what there is to tell; whether that is proof enough, the caller judges. Texts lie in static
   memory. */
void client_describe(struct tls_answer *a, SSL *ssl);

#endif
