/* scram: what both sides of SCRAM-SHA-256 reckon (RFC 5802, RFC 7677), and the form in which a server stores what it knows of a
   password: enough to see a proof, too little to make one. */

#ifndef MAILTREE_SCRAM_H
#define MAILTREE_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum {
  SCRAM_DIGEST = 32,                    /* bytes */
  SCRAM_SALT_MAX = 256,                 /* characters of base64 */
  SCRAM_ROUNDS = 10000,                 /* of a new one */
  SCRAM_ROUNDS_LEAST = 4096, SCRAM_ROUNDS_MOST = 1000000,
  SCRAM_STORED_SIZE = 128               /* of a new one, with its NUL */
};

struct scram_keys {
  unsigned char stored[SCRAM_DIGEST], server[SCRAM_DIGEST];
};

/* The keys of who proves, from the password: the client's, and what the server has of him. Takes as long as the rounds say. */
void scram_keys(unsigned char client[SCRAM_DIGEST], struct scram_keys *keys, struct field password, struct field salt, unsigned rounds);

/* The client's proof that he has heard this exchange (AuthMessage), and whether it is one. */
void scram_prove(unsigned char proof[SCRAM_DIGEST], unsigned char const client[SCRAM_DIGEST], struct scram_keys const *keys,
                 struct field exchange);
bool scram_is_proof(unsigned char const proof[SCRAM_DIGEST], struct scram_keys const *keys, struct field exchange);

/* The server's. */
void scram_sign(unsigned char signature[SCRAM_DIGEST], struct scram_keys const *keys, struct field exchange);

/* Whether a challenge is such an exchange, and what answers it a proof: others begin otherwise. */
bool scram_is_exchange(struct field challenge);

/* A key, a proof or a signature in base64; false: it is none. */
bool scram_digest_read(unsigned char digest[SCRAM_DIGEST], struct field text);

/* A number of rounds as SCRAM writes it; 0: it is none, or one that is not taken. */
unsigned scram_rounds(struct field f);

/* What is stored, as Dovecot has it: rounds,salt,StoredKey,ServerKey, the last three in base64. */
struct scram_stored {
  unsigned rounds;
  struct field salt;                    /* in base64 */
  struct scram_keys keys;
};

/* False: it is none. The salt lies in the text. */
bool scram_stored_read(struct scram_stored *s, char const *text, size_t len);

/* Of a password, with a salt that is drawn; ended by a NUL. False with errno. */
bool scram_stored_make(char to[SCRAM_STORED_SIZE], char const *password, size_t len);

/* Whether that is the password. */
bool scram_stored_opens(struct scram_stored const *s, char const *password, size_t len);

#endif
