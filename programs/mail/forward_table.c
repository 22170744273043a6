#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "bytes.h"
#include "cdb_at.h"
#include "cdb_bytes.h"
#include "forward_table.h"

enum { INSTRUCTIONS_MAX = 1 << 20 };     /* bytes that somebody who only asks may cost */

/* How a key is looked up, in what: 1, 0, or -1. */
typedef int look(void *in, char const *key, size_t len);

static int find(look *l, void *in, char kind, struct field box, struct field rest)
{
  stralloc key = STRALLOC_ZERO;
  int r = -1;
  if (bytes_addc(&key, kind) && bytes_addb(&key, box.s, box.len) && bytes_addb(&key, rest.s, rest.len)) {
    case_lowerb(key.s, key.len);
    r = l(in, key.s, key.len);
  }
  stralloc_free(&key);
  return r;
}

static int find_any(look *l, void *in, char kind, struct field address)
{
  size_t at = address_at(address.s, address.len);
  int r = find(l, in, kind, address, field_of(""));
  if (r || at == address.len) return r;
  r = find(l, in, kind, field_of(""), (struct field){ address.s + at, address.len - at });
  return r ? r : find(l, in, kind, (struct field){ address.s, at }, field_of("@"));
}

struct in_memory { struct field table, *value; };

static int look_in_memory(void *in, char const *key, size_t len)
{
  struct in_memory const *m = in;
  int r = cdb_bytes_find(m->value, m->table.s, m->table.len, key, len);
  if (r == -1) errno = EPROTO;
  return r;
}

int forward_table_find(struct field *value, struct field table, enum forward_record kind, struct field address)
{
  return find(look_in_memory, &(struct in_memory){ table, value }, (char)kind, address, field_of(""));
}

int forward_table_find_any(struct field *value, struct field table, enum forward_record kind, struct field address)
{
  return find_any(look_in_memory, &(struct in_memory){ table, value }, (char)kind, address);
}

static int look_in_file(void *in, char const *key, size_t len)
{
  stralloc value = STRALLOC_ZERO;
  int r = cdb_at_find(&value, *(int const *)in, key, len, INSTRUCTIONS_MAX);
  stralloc_free(&value);
  return r;
}

int forward_table_knows(int fd, struct field address)
{
  return find_any(look_in_file, &fd, FORWARD_INSTRUCTIONS, address);
}

bool forward_entry_next(struct field *entry, struct field all, size_t *at)
{
  char const *end = *at < all.len ? memchr(all.s + *at, 0, all.len - *at) : 0;
  if (!end) return false;
  *entry = (struct field){ all.s + *at, (size_t)(end - all.s) - *at };
  *at += entry->len + 1;
  return true;
}

char const *forward_list_fault(struct field entry)
{
  if (!entry.len || !strchr("&/.", *entry.s)) return "an entry is neither an address nor a list";
  if (entry.len > FORWARD_ADDRESS_MAX + 1) return "an entry has more than 900 bytes";
  if (memchr(entry.s, '\n', entry.len)) return "an entry has a newline";
  if (entry.s[entry.len - 1] == ' ' || entry.s[entry.len - 1] == '\t') return "an entry ends with a blank";
  return 0;
}
