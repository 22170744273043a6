/* tls_ucspi: the convention UCSPI-TLS, in which a program asks the server under which it runs for TLS: three descriptors whose
   numbers are in the environment, one byte, and an answer: variables, each ended by NUL, and one NUL more. Pure. */

#ifndef MAILTREE_TLS_UCSPI_H
#define MAILTREE_TLS_UCSPI_H

#include <stddef.h>

#include "tls_wire.h"

/* What an answer says of the connection. How many bytes it has; 0: there is more to come. Texts lie in s. */
size_t tls_ucspi_answer(struct tls_answer *a, char const *s, size_t len);

/* The number of a descriptor; -1 when there is none, or no such. */
int tls_ucspi_descriptor(char const *number);

#endif
