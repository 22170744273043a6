#include <stdint.h>

#include "cdb_records.h"

enum { HEAD = 2048, LENGTHS = 8 };      /* bytes: where the tables are; the two lengths of a record */

static uint32_t number_at(char const *s)
{
  unsigned char const *u = (unsigned char const *)s;
  return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

/* The first table stands behind the records. */
enum cdb_records_result cdb_records_next(struct field *key, struct field *value, char const *s, size_t len, size_t *at)
{
  if (len < HEAD) return CDB_RECORDS_DAMAGED;
  size_t const end = number_at(s);
  if (!*at) *at = HEAD;
  if (end < HEAD || end > len) return CDB_RECORDS_DAMAGED;
  if (*at == end) return CDB_RECORDS_END;
  if (*at > end || end - *at < LENGTHS) return CDB_RECORDS_DAMAGED;
  size_t const room = end - *at - LENGTHS;
  *key = (struct field){ s + *at + LENGTHS, number_at(s + *at) };
  *value = (struct field){ key->s, number_at(s + *at + 4) };
  if (key->len > room || value->len > room - key->len) return CDB_RECORDS_DAMAGED;
  value->s += key->len;
  *at += LENGTHS + key->len + value->len;
  return CDB_RECORDS_ONE;
}
