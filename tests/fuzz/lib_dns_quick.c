/* What comes back from a name server, or from who plays one: only what answers the question is taken for an answer, and of
   that only what is there is read. */

#include "fuzz.h"

#include "dns_quick.h"

enum { TEXT_MAX = 200 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char const name[] = "5.113.0.203.bl.example";
  char text[TEXT_MAX];
  struct dns_message m;
  struct dns_record r;
  size_t records = 0;
  if (size < 3) return 0;
  unsigned type = data[0] & 1 ? DNS_QUICK_TXT : DNS_QUICK_A;
  uint16_t number = (uint16_t)(data[1] << 8 | data[2]);
  unsigned char *exact = malloc(size - 3 + (size == 3));
  memcpy(exact, data + 3, size - 3);
  if (dns_quick_answers(&m, exact, size - 3, number, name, type)) {
    assert(exact[0] == data[1] && exact[1] == data[2] && exact[2] & 0x80);
    for (; dns_message_next(&m, &r); records++) assert(dns_message_text(text, sizeof text, &r) <= sizeof text);
    assert(records <= m.answers);
  }
  free(exact);
  return 0;
}
