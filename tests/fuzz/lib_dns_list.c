/* Lines that name DNS lists: one that is taken has a zone, codes of which each answer is one or not, and an action; and the
   question that comes of it is a name that can be asked. The first bytes are an answer, and the address asked about. */

#include "fuzz.h"

#include "dns_list.h"
#include "dns_quick.h"

enum { AHEAD = DNS_LIST_CODE + 1 + 16 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char name[DNS_NAME_MAX + 1];
  unsigned char packet[DNS_QUICK_PACKET];
  struct dns_list list;
  ip46 ip = { .is6 = 0 };
  if (size < AHEAD) return 0;
  ip.is6 = data[DNS_LIST_CODE] & 1;
  memcpy(ip.ip, data + DNS_LIST_CODE + 1, 16);
  char const *line = (char const *)data + AHEAD;
  if (dns_list_read(&list, line, size - AHEAD)) return 0;
  assert(list.zone.len && list.codes.len && list.text.len < size);
  assert(list.action == LIST_COUNTS ? list.points && abs(list.points) <= DNS_LIST_POINTS_MAX : !list.points);
  if (dns_list_counts(&list, data)) assert(data[0] == 127 && !dns_list_refuses_us(data));
  if (!dns_list_name(name, &list, &ip)) return 0;
  assert(strlen(name) > list.zone.len && same_bytes(name + strlen(name) - list.zone.len, list.zone.len, list.zone.s, list.zone.len));
  assert(dns_quick_packet(packet, 1, name, DNS_QUICK_A));
  return 0;
}
