/* connection: one who asks, from his question to the end of his connection: all that a child of the service does. */

#ifndef MAILTREE_TLS_CONNECTION_H
#define MAILTREE_TLS_CONNECTION_H

#include <stdbool.h>

enum { MAY_SERVE = 1, MAY_CALL = 2 };     /* with our keys; as a client */

/* control: where he asks; may: bits of what he may have. */
void connection_serve(int control, unsigned may);

/* For one who gets no more than an answer: the service is in trouble, and why. */
void connection_refuse(int control, char const *why);

#endif
