/* credentials: what a password checker is told on descriptor 3, as every program of the family says it:
   login NUL password NUL timestamp NUL, 512 bytes at most. Where the password is a proof of SCRAM, and the timestamp the exchange
   that it belongs to (scram.h), there may be more: only checkers of ours are told so. */

#ifndef MAILTREE_CREDENTIALS_H
#define MAILTREE_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CREDENTIALS_MAX = 512, CREDENTIALS_PROOF_MAX = 3000 };

/* All three are terminated inside the bytes they were unpacked from. */
struct credentials {
  char const *login, *password;
  size_t login_len, password_len;
  char const *stamp;            /* what an answer to a challenge is an answer to; only unpacked */
  size_t stamp_len;
};

/* Writes at most CREDENTIALS_MAX bytes to `to` and returns how many; 0 when they do not fit or when one of the
   three holds a NUL and would be read as something else. */
size_t credentials_pack(char *to, struct credentials const *c, char const *stamp);

/* The same of a proof, and of the exchange in the place of the timestamp: CREDENTIALS_PROOF_MAX bytes. */
size_t credentials_pack_proof(char *to, struct credentials const *c);

/* Reads descriptor 3 to its end and closes it, but no more than size bytes. How many; -1 with errno. */
ssize_t credentials_read(char *to, size_t size);

/* Whether a checker that knows proofs may be told so much. */
bool credentials_fit(char const *s, size_t len);

/* Finds login and password, and the timestamp, which is empty if it has no end. False when one of the other two has
   none. */
bool credentials_unpack(struct credentials *c, char const *s, size_t len);

#endif
