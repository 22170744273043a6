/* hash: passwords against what is stored of them. Who uses this is linked with libcrypt.

   Stored is what crypt(3) makes ($y$, $6$, $2b$, $1$, DES, ...), bare or behind {CRYPT} and its kin, or one of the
   digests of LDAP and Dovecot: {PLAIN}, {PLAIN-MD5}, {LDAP-MD5}, {SMD5}, {SHA}, {SSHA}, {SHA256}, {SSHA256}, {SHA512},
   {SSHA512}, in hex or base64, where {SSHA.HEX} and {SSHA.B64} say which. */

#ifndef MAILTREE_HASH_H
#define MAILTREE_HASH_H

#include <stdbool.h>
#include <stddef.h>

enum {
  HASH_PASSWORD_MAX = 511,      /* bytes; crypt(3) takes no more */
  HASH_STORED_MAX = 1024,       /* bytes */
  HASH_SIZE = 128               /* of a new one, with its NUL */
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

/* A new yescrypt hash. False with errno; EINVAL for a password that is empty, too long or has a NUL. */
bool hash_make(char hash[HASH_SIZE], char const *password, size_t len);

/* A quick hash, {SSHA256}, of a password that was made by chance of a hundred bits or so: to try them all is hopeless however quick
   that is. False with errno. */
bool hash_make_random(char hash[HASH_SIZE], char const *password, size_t len);

/* Whether a password that is right should be stored anew, since it is not a yescrypt hash. A stored that no password
   opens is not old. */
bool hash_is_old(char const *stored, size_t len);

/* The answers of who knows the clear password; false when that is empty. Both come in hex. RFC 1939 APOP, RFC 2195. */
bool hash_apop(char const *challenge, char const *answer, char const *clear, size_t len);
bool hash_cram_md5(char const *challenge, char const *answer, char const *clear, size_t len);

#endif
