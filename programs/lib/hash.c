#include <assert.h>
#include <crypt.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <skalibs/sha1.h>
#include <skalibs/sha256.h>
#include <skalibs/sha512.h>

#include "base64.h"
#include "hash.h"
#include "md5.h"
#include "scram.h"

#define YESCRYPT "$y$"
#define SCRAM "SCRAM-SHA-256"

struct secret { char const *s; size_t len; };

/* ---- comparing ---- */

static bool same(char const *a, size_t a_len, char const *b, size_t b_len)
{
  unsigned char difference = 0;
  if (a_len != b_len) return false;
  for (size_t i = 0; i < a_len; i++) difference |= (unsigned char)(a[i] ^ b[i]);
  return !difference;
}

/* ---- crypt(3) ---- */

/* False with errno. Of a setting that is right EINVAL means that yescrypt lacks its 16 MB. */
static bool crypted(char made[CRYPT_OUTPUT_SIZE], char const *password, char const *setting)
{
  static struct crypt_data work;
  char const *r = crypt_rn(password, setting, &work, sizeof work);
  int const e = errno;
  if (r) memcpy(made, r, strlen(r) + 1);
  explicit_bzero(&work, sizeof work);
  errno = e == EINVAL ? ENOMEM : e;
  return r != 0;
}

/* False: it is none that crypt takes. */
static bool ended(char z[HASH_PASSWORD_MAX + 1], struct secret password)
{
  if (password.len > HASH_PASSWORD_MAX || memchr(password.s, 0, password.len)) return false;
  memcpy(z, password.s, password.len);
  z[password.len] = 0;
  return true;
}

static bool new_setting(char setting[CRYPT_GENSALT_OUTPUT_SIZE])
{
  char salt[16];
  if (getrandom(salt, sizeof salt, 0) != sizeof salt) return false;
  return crypt_gensalt_rn(YESCRYPT, 0, salt, sizeof salt, setting, CRYPT_GENSALT_OUTPUT_SIZE) != 0;
}

static enum hash_result try_crypt(char const *setting, struct secret password)
{
  char made[CRYPT_OUTPUT_SIZE], z[HASH_PASSWORD_MAX + 1];
  if (crypt_checksalt(setting) == CRYPT_SALT_INVALID) return HASH_UNKNOWN;
  if (!ended(z, password)) return HASH_WRONG;
  bool done = crypted(made, z, setting);
  explicit_bzero(z, sizeof z);
  if (!done) return HASH_TROUBLE;
  return same(made, strlen(made), setting, strlen(setting)) ? HASH_RIGHT : HASH_WRONG;
}

/* Takes as long as a hash of ours, so that the time does not tell who has an account. */
static enum hash_result try_nobody(struct secret password)
{
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (!new_setting(setting)) return HASH_TROUBLE;
  return try_crypt(setting, password) == HASH_TROUBLE ? HASH_TROUBLE : HASH_WRONG;
}

/* ---- digests ---- */

enum { DIGEST_MAX = 64 };

static void by_md5(char *to, struct secret password, struct secret salt)
{
  struct md5 m;
  md5_begin(&m);
  md5_add(&m, password.s, password.len);
  md5_add(&m, salt.s, salt.len);
  md5_end(&m, to);
}

static void by_sha1(char *to, struct secret password, struct secret salt)
{
  SHA1Schedule work = SHA1_INIT();
  sha1_update(&work, password.s, password.len);
  sha1_update(&work, salt.s, salt.len);
  sha1_final(&work, to);
  explicit_bzero(&work, sizeof work);
}

static void by_sha256(char *to, struct secret password, struct secret salt)
{
  SHA256Schedule work = SHA256_INIT();
  sha256_update(&work, password.s, password.len);
  sha256_update(&work, salt.s, salt.len);
  sha256_final(&work, to);
  explicit_bzero(&work, sizeof work);
}

static void by_sha512(char *to, struct secret password, struct secret salt)
{
  SHA512Schedule work = SHA512_INIT();
  sha512_update(&work, password.s, password.len);
  sha512_update(&work, salt.s, salt.len);
  sha512_final(&work, to);
  explicit_bzero(&work, sizeof work);
}

static int nibble(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. */
static bool hex_decode(char *s, size_t len, size_t *decoded)
{
  if (len % 2) return false;
  for (size_t i = 0; i < len; i++)
    if (nibble(s[i]) == -1) return false;
  *decoded = len / 2;
  for (size_t i = 0; i < *decoded; i++) s[i] = (char)(nibble(s[2 * i]) << 4 | nibble(s[2 * i + 1]));
  return true;
}

/* Some write no '=' at the end. */
static bool padded_decode(char s[HASH_STORED_MAX + 4], size_t len, size_t *decoded)
{
  while (len % 4) s[len++] = '=';
  return base64_decode(s, len, decoded);
}

/* ---- forms ---- */

enum encoding { EITHER, HEX, BASE64 };

struct scheme {
  char const *tag;
  void (*digest)(char *to, struct secret password, struct secret salt);     /* null: crypt, or the text itself */
  size_t size;
  bool salted;
  enum kind { HASHED, TEXT, KEYS } kind;
};

static struct scheme const schemes[] = {
  { .tag = "CRYPT" }, { .tag = "DES" }, { .tag = "DES-CRYPT" }, { .tag = "MD5-CRYPT" }, { .tag = "SHA256-CRYPT" },
  { .tag = "SHA512-CRYPT" }, { .tag = "BLF-CRYPT" }, { .tag = "YESCRYPT" },
  { .tag = "PLAIN", .kind = TEXT }, { .tag = "CLEARTEXT", .kind = TEXT }, { .tag = "CLEAR", .kind = TEXT },
  { "PLAIN-MD5", by_md5, 16, false, HASHED }, { "LDAP-MD5", by_md5, 16, false, HASHED },
  { "MD5", by_md5, 16, false, HASHED }, { "SMD5", by_md5, 16, true, HASHED },
  { "SHA", by_sha1, 20, false, HASHED }, { "SHA1", by_sha1, 20, false, HASHED }, { "SSHA", by_sha1, 20, true, HASHED },
  { "SHA256", by_sha256, 32, false, HASHED }, { "SSHA256", by_sha256, 32, true, HASHED },
  { "SHA512", by_sha512, 64, false, HASHED }, { "SSHA512", by_sha512, 64, true, HASHED },
  { .tag = SCRAM, .kind = KEYS },
};

/* Base64 of a digest does not happen to hold nothing but 0 to 9 and a to f. */
static bool decode(char s[HASH_STORED_MAX + 4], size_t len, enum encoding encoding, size_t *decoded)
{
  if (encoding != BASE64 && hex_decode(s, len, decoded)) return true;
  return encoding != HEX && padded_decode(s, len, decoded);
}

static enum hash_result try_digest(struct scheme const *scheme, enum encoding encoding, struct secret stored,
                                   struct secret password)
{
  char s[HASH_STORED_MAX + 4], made[DIGEST_MAX];
  size_t len;
  memcpy(s, stored.s, stored.len);
  if (!decode(s, stored.len, encoding, &len) || len < scheme->size) return HASH_UNKNOWN;
  if (len > scheme->size && !scheme->salted) return HASH_UNKNOWN;
  scheme->digest(made, password, (struct secret){ s + scheme->size, len - scheme->size });
  return same(made, scheme->size, s, scheme->size) ? HASH_RIGHT : HASH_WRONG;
}

static enum hash_result try_scram(struct secret stored, struct secret password)
{
  struct scram_stored s;
  if (!scram_stored_read(&s, stored.s, stored.len)) return HASH_UNKNOWN;
  bool can_be = password.len && !memchr(password.s, 0, password.len);
  return can_be && scram_stored_opens(&s, password.s, password.len) ? HASH_RIGHT : HASH_WRONG;
}

static bool is(struct secret s, char const *word)
{
  return s.len == strlen(word) && !strncasecmp(s.s, word, s.len);
}

/* Of NAME.B64 and its like, which is cut; false: another dot. */
static bool tag_encoding(struct secret *tag, enum encoding *encoding)
{
  char const *dot = memchr(tag->s, '.', tag->len);
  *encoding = EITHER;
  if (!dot) return true;
  struct secret const word = { dot + 1, (size_t)(tag->s + tag->len - dot - 1) };
  tag->len = (size_t)(dot - tag->s);
  *encoding = is(word, "HEX") ? HEX : BASE64;
  return *encoding == HEX || is(word, "B64") || is(word, "BASE64");
}

static struct scheme const *scheme_find(struct secret tag)
{
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (is(tag, schemes[i].tag)) return schemes + i;
  return 0;
}

/* Cuts a tag off stored. Without one it is of crypt, and so is what says itself how it was made, whatever the tag: some
   took any for a remark. Null: unknown. */
static struct scheme const *scheme_cut(struct secret *stored, enum encoding *encoding)
{
  char const *end = stored->len && stored->s[0] == '{' ? memchr(stored->s, '}', stored->len) : 0;
  *encoding = EITHER;
  if (!end) return schemes;
  struct secret tag = { stored->s + 1, (size_t)(end - stored->s - 1) };
  stored->len = (size_t)(stored->s + stored->len - end - 1);
  stored->s = end + 1;
  struct scheme const *scheme = tag_encoding(&tag, encoding) ? scheme_find(tag) : 0;
  return scheme || !stored->len || stored->s[0] != '$' ? scheme : schemes;
}

/* A clear text may begin with anything. */
static bool opens_never(struct scheme const *scheme, struct secret stored)
{
  return !stored.len || (scheme->kind != TEXT && (stored.s[0] == '!' || stored.s[0] == '*'));
}

static enum hash_result try_text_of_crypt(struct secret stored, struct secret password)
{
  char setting[HASH_STORED_MAX + 1];
  if (memchr(stored.s, 0, stored.len)) return HASH_UNKNOWN;
  memcpy(setting, stored.s, stored.len);
  setting[stored.len] = 0;
  return try_crypt(setting, password);
}

enum hash_result hash_verify(char const *stored, size_t stored_len, char const *password, size_t len)
{
  struct secret of = { stored, stored_len };
  struct secret const given = { password, len };
  enum encoding encoding;
  if (!stored) return try_nobody(given);
  if (of.len > HASH_STORED_MAX) return HASH_UNKNOWN;
  struct scheme const *scheme = scheme_cut(&of, &encoding);
  if (!scheme) return HASH_UNKNOWN;
  if (opens_never(scheme, of)) return try_nobody(given);
  if (len > HASH_PASSWORD_MAX) return HASH_WRONG;
  if (scheme->kind == TEXT) return same(of.s, of.len, given.s, given.len) ? HASH_RIGHT : HASH_WRONG;
  if (scheme->kind == KEYS) return try_scram(of, given);
  if (scheme->digest && of.s[0] != '$') return try_digest(scheme, encoding, of, given);
  return try_text_of_crypt(of, given);
}

static bool make_yescrypt(char hash[HASH_SIZE], char const *password)
{
  char setting[CRYPT_GENSALT_OUTPUT_SIZE], made[CRYPT_OUTPUT_SIZE];
  if (!new_setting(setting) || !crypted(made, password, setting)) return false;
  if (strlen(made) >= HASH_SIZE) return errno = EPROTO, false;
  memcpy(hash, made, strlen(made) + 1);
  return true;
}

static bool make_scram(char hash[HASH_SIZE], char const *password)
{
  static char const tag[] = "{" SCRAM "}";
  static_assert(sizeof tag - 1 + SCRAM_STORED_SIZE <= HASH_SIZE, "it fits");
  memcpy(hash, tag, sizeof tag - 1);
  return scram_stored_make(hash + sizeof tag - 1, password, strlen(password));
}

bool hash_make(char hash[HASH_SIZE], enum hash_form form, char const *password, size_t len)
{
  char z[HASH_PASSWORD_MAX + 1];
  if (!len || !ended(z, (struct secret){ password, len })) return errno = EINVAL, false;
  bool done = form == HASH_SCRAM ? make_scram(hash, z) : make_yescrypt(hash, z);
  explicit_bzero(z, sizeof z);
  return done;
}

bool hash_make_random(char hash[HASH_SIZE], char const *password, size_t len)
{
  enum { SIZE = 32, SALT = 8 };
  static char const tag[] = "{SSHA256}";
  char digest[SIZE + SALT];
  if (getrandom(digest + SIZE, SALT, 0) != SALT) return false;
  by_sha256(digest, (struct secret){ password, len }, (struct secret){ digest + SIZE, SALT });
  memcpy(hash, tag, sizeof tag - 1);
  hash[sizeof tag - 1 + base64_encode(hash + sizeof tag - 1, digest, sizeof digest)] = 0;
  return true;
}

bool hash_is_old(enum hash_form form, char const *stored, size_t len)
{
  struct secret of = { stored, len };
  enum encoding encoding;
  struct scheme const *scheme = scheme_cut(&of, &encoding);
  if (scheme && opens_never(scheme, of)) return false;
  if (scheme && scheme->kind == KEYS) return false;
  return form == HASH_SCRAM || of.len < strlen(YESCRYPT) || memcmp(of.s, YESCRYPT, strlen(YESCRYPT)) != 0;
}

/* ---- answers to a challenge ---- */

static bool is_hex_of(char const *answer, char const digest[MD5_SIZE])
{
  char given[2 * MD5_SIZE];
  size_t len;
  if (strlen(answer) != sizeof given) return false;
  memcpy(given, answer, sizeof given);
  return hex_decode(given, sizeof given, &len) && same(given, len, digest, MD5_SIZE);
}

bool hash_scram(struct scram_stored *s, char const *stored, size_t len)
{
  struct secret of = { stored, len };
  enum encoding encoding;
  struct scheme const *scheme = len && len <= HASH_STORED_MAX ? scheme_cut(&of, &encoding) : 0;
  return scheme && scheme->kind == KEYS && scram_stored_read(s, of.s, of.len);
}

bool hash_apop(char const *challenge, char const *answer, char const *clear, size_t len)
{
  char digest[MD5_SIZE];
  by_md5(digest, (struct secret){ challenge, strlen(challenge) }, (struct secret){ clear, len });
  return len && is_hex_of(answer, digest);
}

bool hash_cram_md5(char const *challenge, char const *answer, char const *clear, size_t len)
{
  char digest[MD5_SIZE];
  md5_keyed(digest, clear, len, challenge, strlen(challenge));
  return len && is_hex_of(answer, digest);
}
