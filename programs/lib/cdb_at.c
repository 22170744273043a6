#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/uint32.h>

#include "bytes.h"
#include "cdb_at.h"

enum {
  TABLES = 256,
  PAIR = 8,             /* bytes of two numbers: a table and its slots, a hash and its record, the lengths of a record */
  SLOTS = 16,           /* looked at in one reading: most keys have the first or second */
  FIRST = 256           /* bytes of a record in the first reading */
};

struct cdb_at_pair { uint32_t first, second; };

static uint32_t number_at(char const *s)
{
  uint32_t n;
  uint32_unpack(s, &n);
  return n;
}

static struct cdb_at_pair pair_at(char const *s)
{
  return (struct cdb_at_pair){ number_at(s), number_at(s + PAIR / 2) };
}

static uint32_t hash_of(char const *s, size_t len)
{
  uint32_t h = 5381;
  for (size_t i = 0; i < len; i++) h = (h * 33) ^ (unsigned char)s[i];
  return h;
}

/* As many as there are, at least so many; -1 with errno. */
static ssize_t read_at(int fd, char *to, size_t most, size_t least, uint64_t at)
{
  ssize_t r;
  do r = pread(fd, to, most, (off_t)at); while (r == -1 && errno == EINTR);
  if (r == -1 || (size_t)r >= least) return r;
  return errno = EPROTO, -1;
}

/* ---- a record ---- */

/* What the first reading did not bring. */
static bool add_value(stralloc *to, int fd, char const *s, size_t have, size_t len, uint64_t at)
{
  size_t const first = have < len ? have : len, rest = len - first;
  if (!bytes_addb(to, s, first)) return false;
  if (!rest) return true;
  if (!bytes_room(to, rest) || read_at(fd, to->s + to->len, rest, rest, at + first) == -1) return false;
  to->len += rest;
  return true;
}

static int compare_rest(int fd, char const *key, size_t len, uint64_t at)
{
  char block[FIRST];
  for (size_t n; len; key += n, len -= n, at += n) {
    n = len < sizeof block ? len : sizeof block;
    if (read_at(fd, block, n, n, at) == -1) return -1;
    if (memcmp(block, key, n) != 0) return 0;
  }
  return 1;
}

/* Whether the record there has the key; then its value. */
static int take_record(stralloc *to, int fd, uint64_t at, char const *key, size_t len, size_t max)
{
  char block[FIRST];
  ssize_t r = read_at(fd, block, sizeof block, PAIR, at);
  if (r == -1) return -1;
  struct cdb_at_pair const lengths = pair_at(block);
  size_t const have = (size_t)r - PAIR, first = have < len ? have : len;
  if (lengths.first != len || (first && memcmp(block + PAIR, key, first) != 0)) return 0;
  int same = compare_rest(fd, key + first, len - first, at + PAIR + first);
  if (same != 1) return same;
  if (lengths.second > max) return errno = EPROTO, -1;
  return add_value(to, fd, block + PAIR + first, have - first, lengths.second, at + PAIR + len) ? 1 : -1;
}

/* ---- a table ---- */

struct cdb_at_search { stralloc *to; int fd; char const *key; size_t len, max; uint32_t hash; };

/* 1, 0 when it has ended there, -1 with errno, -2 when nothing is decided. */
static int look_at_slots(struct cdb_at_search const *s, char const *slots, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct cdb_at_pair const slot = pair_at(slots + i * PAIR);
    if (!slot.second) return 0;
    if (slot.first != s->hash) continue;
    int r = take_record(s->to, s->fd, slot.second, s->key, s->len, s->max);
    if (r) return r;
  }
  return -2;
}

/* From the slot of the hash to the end of the table, and then from its beginning. */
static int look_at_table(struct cdb_at_search const *s, struct cdb_at_pair table)
{
  char block[SLOTS * PAIR];
  uint64_t const begin = s->hash / TABLES % table.second;
  for (uint64_t seen = 0, n; seen < table.second; seen += n) {
    uint64_t const slot = (begin + seen) % table.second, left = table.second - (slot > seen ? slot : seen);
    n = left < SLOTS ? left : SLOTS;
    if (read_at(s->fd, block, n * PAIR, n * PAIR, table.first + slot * PAIR) == -1) return -1;
    int r = look_at_slots(s, block, n);
    if (r != -2) return r;
  }
  return 0;
}

static int look(struct cdb_at_search const *s)
{
  char block[PAIR];
  if (read_at(s->fd, block, PAIR, PAIR, s->hash % TABLES * PAIR) == -1) return -1;
  struct cdb_at_pair const table = pair_at(block);
  return table.second ? look_at_table(s, table) : 0;
}

int cdb_at_find(stralloc *to, int fd, char const *key, size_t len, size_t max)
{
  size_t const was = to->len;
  int r = look(&(struct cdb_at_search){ to, fd, key, len, max, hash_of(key, len) });
  if (r != 1) to->len = was;
  return r;
}
