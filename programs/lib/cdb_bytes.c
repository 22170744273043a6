#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "cdb_bytes.h"

enum { HEAD = 2048, TABLES = 256, PAIR = 8 };     /* bytes: of the head, a pair of numbers for each table; of such a pair */

static uint32_t number_at(char const *s)
{
  unsigned char const *u = (unsigned char const *)s;
  return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static uint32_t hash(char const *s, size_t len)
{
  uint32_t h = 5381;
  for (size_t i = 0; i < len; i++) h = (h * 33) ^ (unsigned char)s[i];
  return h;
}

/* Whether the record there has the key. */
static int compare(struct field *value, char const *s, size_t len, size_t at, char const *key, size_t key_len)
{
  if (at < HEAD || at > len || len - at < PAIR) return -1;
  size_t const has = number_at(s + at), value_len = number_at(s + at + 4), room = len - at - PAIR;
  if (has > room || value_len > room - has) return -1;
  if (has != key_len || memcmp(s + at + PAIR, key, key_len) != 0) return 0;
  *value = (struct field){ s + at + PAIR + has, value_len };
  return 1;
}

int cdb_bytes_find(struct field *value, char const *s, size_t len, char const *key, size_t key_len)
{
  uint32_t const h = hash(key, key_len);
  if (len < HEAD) return -1;
  size_t const table = number_at(s + h % TABLES * PAIR), slots = number_at(s + h % TABLES * PAIR + 4);
  if (table < HEAD || table > len || slots > (len - table) / PAIR) return -1;
  for (size_t i = 0; i < slots; i++) {
    char const *slot = s + table + ((h / TABLES + i) % slots) * PAIR;
    if (!number_at(slot + 4)) return 0;
    if (number_at(slot) != h) continue;
    int r = compare(value, s, len, number_at(slot + 4), key, key_len);
    if (r) return r;
  }
  return 0;
}
