/* Answers of name servers, and TLSA records in them: no record lies outside of the message, no name is longer than names are, and
   what is kept is what a question to the TLS service may have. */

#include "fuzz.h"

#include "dane.h"
#include "tls_wire.h"

static void kept_is_good(struct dane_records const *found)
{
  struct field rest = { found->packed, found->len };
  struct tls_tlsa t;
  size_t count = 0;
  while (tls_tlsa_next(&rest, &t)) {
    assert((t.usage == DANE_CA || t.usage == DANE_SERVER) && t.selector <= 1 && t.type <= 2 && t.data.len);
    count++;
  }
  assert(!rest.len && count <= TLS_TLSA && count <= found->count);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct dane_records found;
  struct dns_message m, again;
  struct dns_record r;
  char name[DNS_NAME_MAX + 1];
  if (!dns_message_begin(&m, data, size)) return 0;
  dane_read(&found, m);
  kept_is_good(&found);
  again = m;
  while (dns_message_next(&again, &r)) {
    assert(r.data >= data && r.data + r.len <= data + size && r.owner < size);
    char text[200];
    assert(dns_message_text(text, sizeof text, &r) <= sizeof text);
    if (dns_message_name(name, &m, r.owner)) assert(strlen(name) <= DNS_NAME_MAX);
  }
  assert(found.count <= m.answers && again.at <= size && !again.left);
  return 0;
}
