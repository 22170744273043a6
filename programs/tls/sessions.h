/* sessions: what servers gave us so that we may come back without a whole handshake, kept in memory by all processes of the
   service. A session counts only where all is as it was: the same address, and the same question, for it brings with it
   what was found out about the server then. */

#ifndef MAILTREE_TLS_SESSIONS_H
#define MAILTREE_TLS_SESSIONS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "tls_wire.h"

/* In the first process. */
bool sessions_set_up(SSL_CTX *context);

/* Before a handshake: the session from an earlier time, if there is one; that which comes of it will be kept. */
void sessions_offer(SSL *ssl, struct tls_question const *q, int network);

#endif
