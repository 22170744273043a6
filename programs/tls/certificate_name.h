/* certificate_name: which certificate is for a name that a client calls, and which names a file has. Pure. */

#ifndef MAILTREE_TLS_CERTIFICATE_NAME_H
#define MAILTREE_TLS_CERTIFICATE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "tls_wire.h"

/* A name as it is compared: in small letters, without a dot at its end. False when it is no host's: what may stand in
   a path or a pattern is none. A certificate's own may begin with "*.". */
bool certificate_name(char to[TLS_NAME_MAX + 1], char const *s, size_t len);

/* How many bytes NAME of a file "NAME.pem" has; 0: the file is no certificate's. */
size_t certificate_stem(char const *file);

struct certificate_for {
  char *name;                   /* as certificate_name makes it */
  size_t certificate;           /* its number */
};

/* The number of the certificate for this name: one that says just that, or one for all names of the domain above it ("*.",
   one label). none when there is none. */
size_t certificate_choose(struct certificate_for const *all, size_t count, char const *name, size_t none);

#endif
