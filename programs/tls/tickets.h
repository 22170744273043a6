/* tickets: what lets a client come back without a whole handshake is sealed by keys that only the first process makes, and that
   are forgotten after a while. They are never on a disk. */

#ifndef MAILTREE_TLS_TICKETS_H
#define MAILTREE_TLS_TICKETS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <time.h>

enum { TICKETS_PERIOD = 3600 };         /* seconds for which a key seals; as many again it opens */

/* Makes the first key, or the next one when it is time. False when no random bytes can be had. */
bool tickets_turn(time_t now);

/* For a context; for every name it must be the same. */
void tickets_use(SSL_CTX *context);

#endif
