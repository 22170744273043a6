#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "subscribers.h"
#include "subscribers_records.h"
#include "text.h"

bool subscribers_record(struct field *record, struct field *rest)
{
  char const *end = rest->len ? memchr(rest->s, 0, rest->len) : 0;
  if (!end) return false;
  *record = (struct field){ rest->s, (size_t)(end - rest->s) + 1 };
  rest->s += record->len;
  rest->len -= record->len;
  return true;
}

bool subscribers_record_address(struct field *address, struct field record)
{
  if (record.len < 3 || *record.s != 'T' || record.len - 2 > LIST_ADDRESS_MAX) return false;
  *address = (struct field){ record.s + 1, record.len - 2 };
  return !memchr(address->s, '\n', address->len);
}

bool subscribers_is_address(struct field address)
{
  return address.len && address.len <= LIST_ADDRESS_MAX && memchr(address.s, '@', address.len) &&
    !memchr(address.s, '\n', address.len) && !memchr(address.s, 0, address.len);
}

bool subscribers_same(struct field a, struct field b)
{
  return a.len == b.len && !strncasecmp(a.s, b.s, a.len);
}

/* The older releases of one branch had 64 bits on most systems, where a byte above 127 counts as a negative int; ezmlm itself, and
   the idx releases before 7, had 32. */
static uint64_t hash_of(struct field address, uint64_t h, bool narrow)
{
  for (size_t i = 0; i < address.len; i++) {
    h = h * 33 ^ (uint32_t)(int32_t)(signed char)address.s[i];
    if (narrow) h = (uint32_t)h;
  }
  return h;
}

unsigned subscribers_hash(struct field address, bool narrow)
{
  return (unsigned)(hash_of(address, 5381 * 33 ^ 'T', narrow) % SUBSCRIBERS_HASHES);
}

unsigned subscribers_hash_bare(struct field address)
{
  return (unsigned)(hash_of(address, 5381, false) % SUBSCRIBERS_HASHES);
}

unsigned subscribers_hash_split(struct field address)
{
  stralloc lower = STRALLOC_ZERO;
  text_addb(&lower, address.s, address.len);
  case_lowerb(lower.s, lower.len);
  unsigned const hash = subscribers_hash_bare((struct field){ lower.s, lower.len });
  stralloc_free(&lower);
  return hash;
}
