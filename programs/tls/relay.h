/* relay: between a network in TLS and a program in plain text, until one of them has ended. */

#ifndef MAILTREE_TLS_RELAY_H
#define MAILTREE_TLS_RELAY_H

#include <openssl/ssl.h>

/* Both descriptors wait for nothing (O_NONBLOCK). */
void relay(SSL *ssl, int network, int plain);

#endif
