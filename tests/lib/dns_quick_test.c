/* Questions as bytes, and which bytes answer them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns_quick.h"

static void questions(void **state)
{
  static unsigned char const wanted[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1" "2\1" "0\2bl\7example\0\0\x10\0\1";
  unsigned char packet[DNS_QUICK_PACKET];
  (void)state;
  size_t len = dns_quick_packet(packet, 0x1234, "2.0.bl.example", DNS_QUICK_TXT);
  assert_int_equal(len, sizeof wanted - 1);
  assert_memory_equal(packet, wanted, len);
  assert_int_equal(dns_quick_packet(packet, 1, "2.0.bl.example.", DNS_QUICK_A), len);
}

static void what_is_no_name(void **state)
{
  unsigned char packet[DNS_QUICK_PACKET];
  char name[DNS_NAME_MAX + 2];
  (void)state;
  assert_int_equal(dns_quick_packet(packet, 1, "", DNS_QUICK_A), 0);
  assert_int_equal(dns_quick_packet(packet, 1, ".", DNS_QUICK_A), 0);
  assert_int_equal(dns_quick_packet(packet, 1, "a..b", DNS_QUICK_A), 0);
  memset(name, 'a', sizeof name);
  name[63] = 0;
  assert_int_not_equal(dns_quick_packet(packet, 1, name, DNS_QUICK_A), 0);
  name[63] = 'a', name[64] = 0;
  assert_int_equal(dns_quick_packet(packet, 1, name, DNS_QUICK_A), 0);
  for (size_t i = 1; i < sizeof name; i += 2) name[i - 1] = 'a', name[i] = '.';
  name[254] = 0;
  assert_int_equal(dns_quick_packet(packet, 1, name, DNS_QUICK_A), DNS_QUICK_PACKET - 1);
  name[254] = 'a', name[255] = 0;
  assert_int_equal(dns_quick_packet(packet, 1, name, DNS_QUICK_A), 0);
}

static void only_its_own_answer(void **state)
{
  unsigned char packet[DNS_QUICK_PACKET];
  struct dns_message m;
  (void)state;
  size_t len = dns_quick_packet(packet, 0x1234, "2.0.bl.example", DNS_QUICK_A);
  assert_false(dns_quick_answers(&m, packet, len, 0x1234, "2.0.bl.example", DNS_QUICK_A));     /* the question itself */
  packet[2] |= 0x80;
  assert_true(dns_quick_answers(&m, packet, len, 0x1234, "2.0.bl.example", DNS_QUICK_A));
  assert_true(dns_quick_answers(&m, packet, len, 0x1234, "2.0.BL.example", DNS_QUICK_A));
  assert_false(dns_quick_answers(&m, packet, len, 0x1235, "2.0.bl.example", DNS_QUICK_A));
  assert_false(dns_quick_answers(&m, packet, len, 0x1234, "3.0.bl.example", DNS_QUICK_A));
  assert_false(dns_quick_answers(&m, packet, len, 0x1234, "2.0.bl.example", DNS_QUICK_TXT));
  assert_false(dns_quick_answers(&m, packet, len - 1, 0x1234, "2.0.bl.example", DNS_QUICK_A));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(questions), cmocka_unit_test(what_is_no_name), cmocka_unit_test(only_its_own_answer)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
