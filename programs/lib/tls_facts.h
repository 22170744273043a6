/* tls_facts: what is known of a connection's TLS, in the environment, by the names that Apache and ucspi-ssl have for it. */

#ifndef MAILTREE_TLS_FACTS_H
#define MAILTREE_TLS_FACTS_H

#include <stdbool.h>

#include "tls_wire.h"

/* Sets them for a program that is to be run; what is not known is unset. False without memory. */
bool tls_facts_set(struct tls_answer const *a);

/* What the environment says. False when it says that there is no TLS: no SSL_PROTOCOL. Texts lie there, or in static
   memory. */
bool tls_facts_learn(struct tls_answer *a);

#endif
