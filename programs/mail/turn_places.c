#include <string.h>

#include "bytes.h"
#include "call_wire.h"
#include "nameset.h"
#include "serial_site.h"
#include "turn_places.h"
#include "turn_wire.h"

/* A directory, and nothing that leads elsewhere. */
static bool is_host(struct field f)
{
  return f.len && f.len <= SERIAL_SITE_NAME_MAX && *f.s != '.' && *f.s != '-' && !memchr(f.s, '/', f.len) && !memchr(f.s, 0, f.len);
}

int turn_place_next(struct field *rest, struct turn_place *p)
{
  struct call c;
  struct field const word = field_word(rest);
  if (!word.len) return 0;
  char const *colon = memchr(word.s, ':', word.len);
  size_t len = colon ? (size_t)(colon - word.s) : word.len;
  p->domain = (struct field){ word.s, len };
  p->host = colon ? (struct field){ colon + 1, word.len - len - 1 } : p->domain;
  return call_read(&c, p->domain) && !c.below && is_host(p->host) ? 1 : -1;
}

static bool same(struct field a, struct field b)
{
  return a.len == b.len && nameset_same(a.s, b.s, a.len);
}

static bool is_among(stralloc const *hosts, struct field host)
{
  for (size_t at = 0; at < hosts->len; at += strlen(hosts->s + at) + 1)
    if (field_is(host, hosts->s + at)) return true;
  return false;
}

static int add(stralloc *hosts, struct field host)
{
  return is_among(hosts, host) || (bytes_addb(hosts, host.s, host.len) && bytes_addc(hosts, 0));
}

/* Those of one domain; of all, where the domain is empty. How many; -1 without memory. */
static int add_those_of(stralloc *hosts, struct field words, struct field domain)
{
  struct turn_place p;
  int count = 0;
  for (int r; (r = turn_place_next(&words, &p));) {
    if (r == -1 || (domain.len && !same(domain, p.domain))) continue;
    if (!add(hosts, p.host)) return -1;
    count = 1;
  }
  return count;
}

int turn_places(stralloc *hosts, struct field words, struct field domains)
{
  struct field domain = { "", 0 };
  int count = 1;
  hosts->len = 0;
  if (!domains.len) return add_those_of(hosts, words, domain);
  while (count == 1 && turn_domain_next(&domains, &domain)) count = add_those_of(hosts, words, domain);
  return count;
}

size_t turn_places_count(stralloc const *hosts)
{
  size_t count = 0;
  for (size_t at = 0; at < hosts->len; at += strlen(hosts->s + at) + 1) count++;
  return count;
}

bool turn_place_is_named(struct field words, char const *host)
{
  struct turn_place p;
  for (int r; (r = turn_place_next(&words, &p));)
    if (r == 1 && field_is(p.host, host)) return true;
  return false;
}
