#include <string.h>

#include "md5.h"

/* RFC 1321: the integer part of 2^32 times |sin i|, and how far each of the four rounds turns. */
static uint32_t const sines[64] = {
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static unsigned char const turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };

static uint32_t turned(uint32_t x, unsigned bits)
{
  return x << bits | x >> (32 - bits);
}

static uint32_t number_at(unsigned char const *s)
{
  return s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static void put_number(unsigned char *s, uint32_t n)
{
  for (unsigned i = 0; i < 4; i++) s[i] = (unsigned char)(n >> 8 * i);
}

/* The mix of a round, and which word of the block its step takes. */
static uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
  if (round == 0) return (b & c) | (~b & d);
  if (round == 1) return (d & b) | (~d & c);
  if (round == 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}

static size_t word_of(unsigned step)
{
  static unsigned char const factor[4] = { 1, 5, 3, 7 }, first[4] = { 0, 1, 5, 0 };
  return (factor[step / 16] * step + first[step / 16]) % 16;
}

static void take_block(struct md5 *m, unsigned char const *block)
{
  uint32_t a = m->state[0], b = m->state[1], c = m->state[2], d = m->state[3];
  for (unsigned i = 0; i < 64; i++) {
    uint32_t sum = a + mix(i / 16, b, c, d) + sines[i] + number_at(block + 4 * word_of(i));
    a = d;
    d = c;
    c = b;
    b += turned(sum, turns[i / 16][i % 4]);
  }
  m->state[0] += a;
  m->state[1] += b;
  m->state[2] += c;
  m->state[3] += d;
}

void md5_begin(struct md5 *m)
{
  *m = (struct md5){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } };
}

void md5_add(struct md5 *m, char const *s, size_t len)
{
  while (len) {
    size_t const has = m->taken % sizeof m->block;
    size_t const n = len < sizeof m->block - has ? len : sizeof m->block - has;
    memcpy(m->block + has, s, n);
    m->taken += n;
    s += n;
    len -= n;
    if (has + n == sizeof m->block) take_block(m, m->block);
  }
}

/* One bit, then none until eight bytes are left of a block, which tell the length in bits. */
void md5_end(struct md5 *m, char digest[MD5_SIZE])
{
  static char const padding[64] = { (char)0x80 };
  uint64_t const bits = 8 * m->taken;
  unsigned char length[8];
  put_number(length, (uint32_t)bits);
  put_number(length + 4, (uint32_t)(bits >> 32));
  md5_add(m, padding, 1 + (119 - m->taken % 64) % 64);
  md5_add(m, (char const *)length, sizeof length);
  for (size_t i = 0; i < 4; i++) put_number((unsigned char *)digest + 4 * i, m->state[i]);
  explicit_bzero(m, sizeof *m);
}

/* ---- with a key: RFC 2104 ---- */

enum { BLOCK = sizeof ((struct md5 *)0)->block };

static void add_pad(struct md5 *m, char const key[BLOCK], char with)
{
  char pad[BLOCK];
  for (size_t i = 0; i < BLOCK; i++) pad[i] = (char)(key[i] ^ with);
  md5_add(m, pad, BLOCK);
  explicit_bzero(pad, BLOCK);
}

static void key_block(char block[BLOCK], char const *key, size_t len)
{
  struct md5 m;
  memset(block, 0, BLOCK);
  if (len <= BLOCK) {
    memcpy(block, key, len);
    return;
  }
  md5_begin(&m);
  md5_add(&m, key, len);
  md5_end(&m, block);
}

void md5_keyed(char digest[MD5_SIZE], char const *key, size_t key_len, char const *s, size_t len)
{
  char block[BLOCK], inner[MD5_SIZE];
  struct md5 m;
  key_block(block, key, key_len);
  md5_begin(&m);
  add_pad(&m, block, 0x36);
  md5_add(&m, s, len);
  md5_end(&m, inner);
  md5_begin(&m);
  add_pad(&m, block, 0x5c);
  md5_add(&m, inner, sizeof inner);
  md5_end(&m, digest);
  explicit_bzero(block, sizeof block);
}
