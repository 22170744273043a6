/* hash: passwords against what is stored of them. Who uses this is linked with libcrypt.

   Stored is what crypt(3) makes ($y$, $6$, $2b$, $1$, DES, ...), bare or behind {CRYPT} and its kin, or one of the
   digests of LDAP and Dovecot: {PLAIN}, {PLAIN-MD5}, {LDAP-MD5}, {SMD5}, {SHA}, {SSHA}, {SHA256}, {SSHA256}, {SHA512},
   {SSHA512}, in hex or base64, where {SSHA.HEX} and {SSHA.B64} say which; or {SCRAM-SHA-256} (scram.h). */

#ifndef MAILTREE_HASH_H
#define MAILTREE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "scram.h"

enum {
  HASH_PASSWORD_MAX = 511,      /* bytes; crypt(3) takes no more */
  HASH_STORED_MAX = 1024,       /* bytes */
  HASH_SIZE = 144               /* of a new one, with its NUL */
};

enum hash_result {
  HASH_RIGHT,
  HASH_WRONG,                   /* also when no password can be right: what is stored is empty, or begins with ! or * */
  HASH_TROUBLE,                 /* errno; it cannot be told now */
  HASH_UNKNOWN                  /* what is stored is of no form that is known here, or is damaged */
};

/* A null stored is that of nobody: wrong, after the time it takes for somebody. Comparing takes the same time wherever
   the two differ. */
enum hash_result hash_verify(char const *stored, size_t stored_len, char const *password, size_t len);

/* How a new one is made: the dearest to guess; or what a client can prove his password against without saying it. */
enum hash_form { HASH_YESCRYPT, HASH_SCRAM };

/* False with errno; EINVAL for a password that is empty, too long or has a NUL. */
bool hash_make(char hash[HASH_SIZE], enum hash_form form, char const *password, size_t len);

/* A quick hash, {SSHA256}, of a password that was made by chance of a hundred bits or so: to try them all is hopeless however quick
   that is. False with errno. */
bool hash_make_random(char hash[HASH_SIZE], char const *password, size_t len);

/* Whether a password that is right should be stored anew in this form. What is stored for SCRAM is never old, nor what no
   password opens. */
bool hash_is_old(enum hash_form form, char const *stored, size_t len);

/* What is stored of who can prove it. False: it is not in that form. The salt lies in stored. */
bool hash_scram(struct scram_stored *s, char const *stored, size_t len);

/* The answers of who knows the clear password; false when that is empty. Both come in hex. RFC 1939 APOP, RFC 2195. */
bool hash_apop(char const *challenge, char const *answer, char const *clear, size_t len);
bool hash_cram_md5(char const *challenge, char const *answer, char const *clear, size_t len);

#endif
