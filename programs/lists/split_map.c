#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "list_lines.h"
#include "number.h"
#include "split_map.h"
#include "subscribers.h"
#include "text.h"

enum { PARTS = 4 };

static struct field behind(struct field f, size_t len)
{
  return (struct field){ f.s + len, f.len - len };
}

/* What stands behind the last dot; *rest is what stands before it. */
static struct field last_label(struct field *rest)
{
  char const *dot = rest->len ? memrchr(rest->s, '.', rest->len) : 0;
  struct field const label = dot ? behind(*rest, (size_t)(dot - rest->s) + 1) : *rest;
  rest->len = dot ? (size_t)(dot - rest->s) : 0;
  return label;
}

void split_map_key(stralloc *to, struct field address)
{
  size_t const at = address_at(address.s, address.len), was = to->len;
  struct field domain = at < address.len ? behind(address, at + 1) : (struct field){ address.s, 0 };
  struct field const top = last_label(&domain), next = last_label(&domain);
  text_addb(to, top.s, top.len);
  text_add(to, ".");
  text_addb(to, next.s, next.len);
  case_lowerb(to->s + was, to->len - was);
}

static bool scan_bound(uint64_t *bound, struct field f, uint64_t usual)
{
  *bound = usual;
  return !f.len || number_scan(f.s, f.len, bound) == f.len;
}

static bool fits(struct field domain, stralloc const *key)
{
  return domain.len <= key->len && !strncasecmp(domain.s, key->s, domain.len);
}

static enum split_map find(struct field *sublist, struct field map, stralloc const *key, unsigned hash)
{
  struct field line, part[PARTS];
  uint64_t low, high;
  while (list_line_next(&line, &map)) {
    if (fields_split(part, PARTS, line.s, line.len) < PARTS) return SPLIT_MAP_WRONG;
    if (!scan_bound(&low, part[1], 0) || !scan_bound(&high, part[2], SUBSCRIBERS_HASHES - 1)) return SPLIT_MAP_WRONG;
    if (!fits(part[0], key) || hash < low || hash > high) continue;
    *sublist = part[3];
    return part[3].len ? SPLIT_MAP_FOUND : SPLIT_MAP_NONE;
  }
  return SPLIT_MAP_NONE;
}

enum split_map split_map_find(struct field *sublist, struct field map, struct field address)
{
  stralloc key = STRALLOC_ZERO;
  split_map_key(&key, address);
  enum split_map const r = find(sublist, map, &key, subscribers_hash_split(address));
  stralloc_free(&key);
  return r;
}
