#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <skalibs/sha256.h>

#include "base64.h"
#include "scram.h"

enum { BLOCK = 64, KEY_64 = BASE64_LEN(SCRAM_DIGEST), NEW_SALT = 12 };

static struct field bytes_of(unsigned char const digest[SCRAM_DIGEST])
{
  return (struct field){ (char const *)digest, SCRAM_DIGEST };
}

static void sha256(unsigned char to[SCRAM_DIGEST], struct field text)
{
  SHA256Schedule work = SHA256_INIT();
  sha256_update(&work, text.s, text.len);
  sha256_final(&work, (char *)to);
}

/* ---- HMAC: RFC 2104 ---- */

struct hmac { SHA256Schedule inner, outer; };

static void hmac_key(struct hmac *h, struct field key)
{
  unsigned char block[BLOCK] = { 0 };
  if (key.len > BLOCK) sha256(block, key);
  else if (key.len) memcpy(block, key.s, key.len);
  for (size_t i = 0; i < BLOCK; i++) block[i] ^= 0x36;
  sha256_init(&h->inner);
  sha256_update(&h->inner, (char const *)block, BLOCK);
  for (size_t i = 0; i < BLOCK; i++) block[i] ^= 0x36 ^ 0x5c;
  sha256_init(&h->outer);
  sha256_update(&h->outer, (char const *)block, BLOCK);
  explicit_bzero(block, sizeof block);
}

/* Of a key that serves for many texts: its blocks are not hashed again. */
static void hmac_of(unsigned char to[SCRAM_DIGEST], struct hmac const *h, struct field a, struct field b)
{
  struct hmac work = *h;
  sha256_update(&work.inner, a.s, a.len);
  sha256_update(&work.inner, b.s, b.len);
  sha256_final(&work.inner, (char *)to);
  sha256_update(&work.outer, (char const *)to, SCRAM_DIGEST);
  sha256_final(&work.outer, (char *)to);
}

static void hmac(unsigned char to[SCRAM_DIGEST], unsigned char const key[SCRAM_DIGEST], struct field text)
{
  struct hmac h;
  hmac_key(&h, bytes_of(key));
  hmac_of(to, &h, text, field_of(""));
  explicit_bzero(&h, sizeof h);
}

/* ---- keys ---- */

static void salt_password(unsigned char to[SCRAM_DIGEST], struct field password, struct field salt, unsigned rounds)
{
  struct hmac h;
  unsigned char u[SCRAM_DIGEST];
  hmac_key(&h, password);
  hmac_of(u, &h, salt, (struct field){ "\0\0\0\1", 4 });
  memcpy(to, u, SCRAM_DIGEST);
  for (unsigned i = 1; i < rounds; i++) {
    hmac_of(u, &h, bytes_of(u), field_of(""));
    for (size_t k = 0; k < SCRAM_DIGEST; k++) to[k] ^= u[k];
  }
  explicit_bzero(&h, sizeof h);
}

void scram_keys(unsigned char client[SCRAM_DIGEST], struct scram_keys *keys, struct field password, struct field salt, unsigned rounds)
{
  unsigned char salted[SCRAM_DIGEST];
  salt_password(salted, password, salt, rounds);
  hmac(client, salted, field_of("Client Key"));
  hmac(keys->server, salted, field_of("Server Key"));
  sha256(keys->stored, bytes_of(client));
  explicit_bzero(salted, sizeof salted);
}

static void exchange_with(unsigned char to[SCRAM_DIGEST], unsigned char const other[SCRAM_DIGEST], struct scram_keys const *keys,
                          struct field exchange)
{
  hmac(to, keys->stored, exchange);
  for (size_t i = 0; i < SCRAM_DIGEST; i++) to[i] ^= other[i];
}

void scram_prove(unsigned char proof[SCRAM_DIGEST], unsigned char const client[SCRAM_DIGEST], struct scram_keys const *keys,
                 struct field exchange)
{
  exchange_with(proof, client, keys, exchange);
}

static bool same(unsigned char const a[SCRAM_DIGEST], unsigned char const b[SCRAM_DIGEST])
{
  unsigned char difference = 0;
  for (size_t i = 0; i < SCRAM_DIGEST; i++) difference |= (unsigned char)(a[i] ^ b[i]);
  return !difference;
}

bool scram_is_proof(unsigned char const proof[SCRAM_DIGEST], struct scram_keys const *keys, struct field exchange)
{
  unsigned char client[SCRAM_DIGEST], stored[SCRAM_DIGEST];
  exchange_with(client, proof, keys, exchange);
  sha256(stored, bytes_of(client));
  explicit_bzero(client, sizeof client);
  return same(stored, keys->stored);
}

void scram_sign(unsigned char signature[SCRAM_DIGEST], struct scram_keys const *keys, struct field exchange)
{
  hmac(signature, keys->server, exchange);
}

bool scram_is_exchange(struct field challenge)
{
  return challenge.len > 2 && !memcmp(challenge.s, "n=", 2);
}

/* ---- what is stored ---- */

unsigned scram_rounds(struct field f)
{
  unsigned n = 0;
  if (!f.len || f.len > 7 || f.s[0] == '0') return 0;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9') return 0;
    n = 10 * n + (unsigned)(f.s[i] - '0');
  }
  return n >= SCRAM_ROUNDS_LEAST && n <= SCRAM_ROUNDS_MOST ? n : 0;
}

/* Up to the next comma; the rest begins behind it. */
static struct field part_cut(struct field *rest)
{
  char const *comma = rest->len ? memchr(rest->s, ',', rest->len) : 0;
  struct field part = { rest->s, comma ? (size_t)(comma - rest->s) : rest->len };
  rest->s += part.len + !!comma;
  rest->len -= part.len + !!comma;
  return part;
}

bool scram_digest_read(unsigned char to[SCRAM_DIGEST], struct field f)
{
  char text[KEY_64];
  size_t len;
  if (f.len != KEY_64) return false;
  memcpy(text, f.s, KEY_64);
  if (!base64_decode(text, KEY_64, &len) || len != SCRAM_DIGEST) return false;
  memcpy(to, text, SCRAM_DIGEST);
  return true;
}

static bool decode_salt(char bytes[SCRAM_SALT_MAX], size_t *len, struct field salt)
{
  if (!salt.len || salt.len > SCRAM_SALT_MAX) return false;
  memcpy(bytes, salt.s, salt.len);
  return base64_decode(bytes, salt.len, len) && *len;
}

bool scram_stored_read(struct scram_stored *s, char const *text, size_t len)
{
  struct field rest = { text, len };
  char bytes[SCRAM_SALT_MAX];
  size_t salt_len;
  s->rounds = scram_rounds(part_cut(&rest));
  s->salt = part_cut(&rest);
  if (!s->rounds || !decode_salt(bytes, &salt_len, s->salt)) return false;
  return scram_digest_read(s->keys.stored, part_cut(&rest)) && scram_digest_read(s->keys.server, rest);
}

static void encode_key(char to[KEY_64 + 1], unsigned char const key[SCRAM_DIGEST])
{
  to[base64_encode(to, (char const *)key, SCRAM_DIGEST)] = 0;
}

bool scram_stored_make(char to[SCRAM_STORED_SIZE], char const *password, size_t len)
{
  char salt[NEW_SALT], salt_64[BASE64_LEN(NEW_SALT) + 1], stored[KEY_64 + 1], server[KEY_64 + 1];
  unsigned char client[SCRAM_DIGEST];
  struct scram_keys keys;
  if (!len) return errno = EINVAL, false;
  if (getrandom(salt, NEW_SALT, 0) != NEW_SALT) return false;
  scram_keys(client, &keys, (struct field){ password, len }, (struct field){ salt, NEW_SALT }, SCRAM_ROUNDS);
  salt_64[base64_encode(salt_64, salt, NEW_SALT)] = 0;
  encode_key(stored, keys.stored);
  encode_key(server, keys.server);
  explicit_bzero(client, sizeof client);
  return snprintf(to, SCRAM_STORED_SIZE, "%u,%s,%s,%s", SCRAM_ROUNDS, salt_64, stored, server) < SCRAM_STORED_SIZE;
}

bool scram_stored_opens(struct scram_stored const *s, char const *password, size_t len)
{
  char salt[SCRAM_SALT_MAX];
  size_t salt_len;
  unsigned char client[SCRAM_DIGEST];
  struct scram_keys keys;
  if (!decode_salt(salt, &salt_len, s->salt)) return false;
  scram_keys(client, &keys, (struct field){ password, len }, (struct field){ salt, salt_len }, s->rounds);
  explicit_bzero(client, sizeof client);
  return same(keys.stored, s->keys.stored);
}
