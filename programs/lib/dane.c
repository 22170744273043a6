#include <stdbool.h>

#include "dane.h"
#include "tls_wire.h"

enum { TLSA = 52, HEAD = 3, SELECTORS = 2 };

/* Of its data: all of the certificate or key, however long; SHA-256; SHA-512. */
static size_t const lengths[] = { 0, 32, 64 };
enum { TYPES = sizeof lengths / sizeof *lengths };

static bool is_usable(struct tls_tlsa const *t)
{
  if (t->usage != DANE_CA && t->usage != DANE_SERVER) return false;
  if (t->selector >= SELECTORS || t->type >= TYPES) return false;
  return lengths[t->type] ? t->data.len == lengths[t->type] : t->data.len > 0;
}

static bool read_record(struct tls_tlsa *t, struct dns_record const *r)
{
  if (r->len < HEAD) return false;
  *t = (struct tls_tlsa){ r->data[0], r->data[1], r->data[2], { (char const *)r->data + HEAD, r->len - HEAD } };
  return is_usable(t);
}

void dane_read(struct dane_records *to, struct dns_message m)
{
  struct dns_record r;
  struct tls_tlsa t;
  size_t kept = 0;
  to->count = to->len = 0;
  while (dns_message_next(&m, &r)) {
    if (r.type != TLSA) continue;
    to->count++;
    if (kept == TLS_TLSA || !read_record(&t, &r)) continue;
    size_t len = tls_tlsa_pack(to->packed + to->len, sizeof to->packed - to->len, &t);
    to->len += len;
    kept += len > 0;
  }
}
