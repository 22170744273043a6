/* md5: the digest of RFC 1321 and HMAC-MD5 of RFC 2104. They protect nothing any more: APOP and CRAM-MD5 ask for them,
   and old password tables hold them. */

#ifndef MAILTREE_MD5_H
#define MAILTREE_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_SIZE = 16 };

struct md5 {
  uint32_t state[4];
  uint64_t taken;
  unsigned char block[64];
};

void md5_begin(struct md5 *m);
void md5_add(struct md5 *m, char const *s, size_t len);

/* Wipes m. */
void md5_end(struct md5 *m, char digest[MD5_SIZE]);

void md5_keyed(char digest[MD5_SIZE], char const *key, size_t key_len, char const *s, size_t len);

#endif
