/* tls_policy: how secret the way of mail to a destination must be (control/tlspolicy). */

#ifndef MAILTREE_TLS_POLICY_H
#define MAILTREE_TLS_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "nameset.h"
#include "smtp_route.h"
#include "tls_wire.h"

enum policy_level {
  POLICY_NONE,          /* plain text, whatever the server offers */
  POLICY_MAY,           /* TLS where it can be had */
  POLICY_PUBLISHED,     /* what who runs the servers has published (by their zone, or the domain), or else the same */
  POLICY_ENCRYPT,       /* TLS, with whomever */
  POLICY_VERIFY,        /* TLS, with who has a certificate for one of the names */
  POLICY_DANE,          /* TLS, with who has one that TLSA records agree with */
  POLICY_SENSELESS      /* what stands there is none of these */
};

struct tls_policy {
  enum policy_level level;
  struct field names;   /* behind the word, as they stand there; empty: that of the server */
};

/* By the line of the host, or of its longest suffix that begins with a dot; else by that of the relay, if its mail goes to
   one (else null); else by that of the empty name. */
struct tls_policy policy_for(struct nameset const *lines, char const *host, struct smtp_route const *relay);

/* By the line of the relay, which alone says to whom a password may go; otherwise where it has none. */
struct tls_policy policy_of_relay(struct nameset const *lines, struct smtp_route const *relay, enum policy_level otherwise);

/* The word for it; "" for one that makes no sense. */
char const *policy_word(enum policy_level level);

/* What a line says behind its colon. */
struct tls_policy policy_parse(char const *s, size_t len);

/* Writes the names, each with a NUL behind it, as a question to the TLS service has them. How many bytes; 0 when there are more
   than max, or more than such a question may have. */
size_t policy_names(char *to, size_t max, struct field names);

#endif
