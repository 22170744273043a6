#include <string.h>

#include "surf.h"

static uint32_t turned(uint32_t x, unsigned by)
{
  return x << by | x >> (32 - by);
}

/* One step: 12 words under the seed are 8. */
static void step(uint32_t out[8], uint32_t const in[12], uint32_t const seed[32])
{
  static unsigned const turn[4] = { 5, 7, 9, 13 };
  uint32_t t[12], x, round = 0;
  for (unsigned k = 0; k < 12; k++) t[k] = in[k] ^ seed[12 + k];
  memcpy(out, seed + 24, 8 * sizeof *out);
  x = t[11];
  for (unsigned pass = 0; pass < 2; pass++) {
    for (unsigned r = 0; r < 16; r++) {
      round += 0x9e3779b9;
      for (unsigned k = 0; k < 12; k++) x = t[k] += ((x ^ seed[k]) + round) ^ turned(x, turn[k % 4]);
    }
    for (unsigned k = 0; k < 8; k++) out[k] ^= t[k + 4];
  }
}

/* The counter of blocks is in words 8 to 11, the lowest first, and 1 for the first block. */
static void block(struct surf *s)
{
  uint32_t out[8];
  for (unsigned k = 8; k < 12 && !++s->in[k]; k++) ;
  step(out, s->in, s->seed);
  for (unsigned k = 0; k < 8; k++) s->sum[k] += out[k];
  memset(s->in, 0, SURF_BYTES);
  s->used = 0;
}

static void byte(struct surf *s, unsigned char c)
{
  s->in[s->used / 4] |= (uint32_t)c << s->used % 4 * 8;
  if (++s->used == SURF_BYTES) block(s);
}

void surf_begin(struct surf *s, uint32_t const *seed)
{
  memset(s, 0, sizeof *s);
  if (seed) memcpy(s->seed, seed, sizeof s->seed);
}

void surf_add(struct surf *s, char const *text, size_t len)
{
  for (size_t i = 0; i < len; i++) byte(s, (unsigned char)text[i]);
}

void surf_end(struct surf *s, unsigned char out[SURF_BYTES])
{
  uint32_t in[12] = { 0 }, last[8];
  byte(s, '.');
  while (s->used) byte(s, 0);
  memcpy(in, s->sum, sizeof s->sum);
  step(last, in, s->seed);
  for (unsigned i = 0; i < SURF_BYTES; i++) out[i] = (unsigned char)(last[i / 4] >> i % 4 * 8);
}

void surf_letters(char letters[SURF_LETTERS], unsigned char const bytes[SURF_BYTES])
{
  for (unsigned i = 0; i < SURF_LETTERS; i++) letters[i] = (char)('a' + (bytes[i] & 15));
}

void surf_loose(char letters[SURF_LETTERS], char const *text, size_t len)
{
  struct surf s;
  unsigned char out[SURF_BYTES];
  surf_begin(&s, 0);
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c != ' ' && c != '\t') byte(&s, c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  }
  surf_end(&s, out);
  surf_letters(letters, out);
}
