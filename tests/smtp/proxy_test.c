/* The PROXY header: both versions, byte by byte, and what is none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\300\0\2\1" "\313\0\161\31" "\0\31" "\0\31"
#define SIX "\x20\1\15\xb8\0\0\0\0\0\0\0\0\0\0\0\7" "\x20\1\15\xb8\0\0\0\0\0\0\0\0\0\0\0\10" "\377\377" "\0\31"
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\1" "\x20\1\15\xb8\0\0\0\0\0\0\0\0\0\0\0\10" "\0\1" "\0\31"
#define CASE(header, said, ...) { header, sizeof header - 1, said, { __VA_ARGS__ } }

static struct { char const *header; size_t len; enum proxy_said said; char const *facts[4]; } const cases[] = {
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 1025 25\r\n", PROXY_CLIENT, "192.0.2.1", "203.0.113.25", "1025", "25"),
  CASE("PROXY TCP6 2001:db8::7 2001:DB8:0::8 65535 0\r\n", PROXY_CLIENT, "2001:db8::7", "2001:db8::8", "65535", "0"),
  CASE("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", PROXY_CLIENT, "192.0.2.1", "::1", "1", "2"),
  CASE("PROXY UNKNOWN\r\n", PROXY_OWN, 0),
  CASE("PROXY UNKNOWN what ever\r\n", PROXY_OWN, 0),
  CASE("PROXY UNKNOWNS\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 1025 25\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1  203.0.113.25 1025 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 1025 25 \r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 1025 25 1\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 1025\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.01 203.0.113.25 1025 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.256 203.0.113.25 1025 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 2001:db8::7 203.0.113.25 1025 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 01 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 65536 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY TCP4 192.0.2.1 203.0.113.25 -1 25\r\n", PROXY_BROKEN, 0),
  CASE("PROXY UDP4 192.0.2.1 203.0.113.25 1 25\r\n", PROXY_BROKEN, 0),
  CASE("proxy TCP4 192.0.2.1 203.0.113.25 1 25\r\n", PROXY_BROKEN, 0),
  CASE("EHLO x\r\n", PROXY_BROKEN, 0),
  CASE("PROXY UNKNOWN 3456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123\r\n",
       PROXY_OWN, 0),
  CASE("PROXY UNKNOWN 34567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234\r\n",
       PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x21\x11\0\14" FOUR, PROXY_CLIENT, "192.0.2.1", "203.0.113.25", "25", "25"),
  CASE(SIGNATURE "\x21\x21\0\44" SIX, PROXY_CLIENT, "2001:db8::7", "2001:db8::8", "65535", "25"),
  CASE(SIGNATURE "\x21\x21\0\44" MAPPED, PROXY_CLIENT, "192.0.2.1", "2001:db8::8", "1", "25"),
  CASE(SIGNATURE "\x21\x11\0\20" FOUR "\4\0\1x", PROXY_CLIENT, "192.0.2.1", "203.0.113.25", "25", "25"),
  CASE(SIGNATURE "\x21\x11\0\16" FOUR "\4\0", PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x21\x11\0\17" FOUR "\4\0\1", PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x21\x11\0\23" FOUR "\3\0\4\1\2\3\4", PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x21\x11\0\13" "\300\0\2\1\313\0\161\31\0\31\0", PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x20\0\0\0", PROXY_OWN, 0),
  CASE(SIGNATURE "\x20\x11\0\14" FOUR, PROXY_OWN, 0),
  CASE(SIGNATURE "\x21\0\0\1x", PROXY_OWN, 0),
  CASE(SIGNATURE "\x21\x12\0\14" FOUR, PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x22\x11\0\14" FOUR, PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x11\x11\0\14" FOUR, PROXY_BROKEN, 0),
  CASE(SIGNATURE "\x20\0\377\377", PROXY_BROKEN, 0),
};

static void headers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct proxy p;
    enum proxy_said said = PROXY_MORE;
    size_t len = 0;
    while (said == PROXY_MORE && len < cases[i].len) said = proxy_read(&p, cases[i].header, ++len);
    assert_int_equal(said, cases[i].said);
    if (said == PROXY_BROKEN) continue;
    assert_int_equal(p.len, cases[i].len);
    if (said == PROXY_OWN) continue;
    assert_string_equal(p.ip, cases[i].facts[0]);
    assert_string_equal(p.local_ip, cases[i].facts[1]);
    assert_string_equal(p.port, cases[i].facts[2]);
    assert_string_equal(p.local_port, cases[i].facts[3]);
  }
}

/* The check value of CRC-32C tells that ours is the right one: a header with the sum that other programs compute. */
static void a_header_with_its_sum(void **state)
{
  static char header[] = SIGNATURE "\x21\x11\0\23" FOUR "\3\0\4" "\237\203\131\144";
  struct proxy p;
  (void)state;
  assert_int_equal(proxy_read(&p, header, sizeof header - 1), PROXY_CLIENT);
  for (unsigned i = 1; i < 256; i++) {
    char sum = header[31];
    header[31] = (char)((unsigned char)header[31] ^ i);
    assert_int_equal(proxy_read(&p, header, sizeof header - 1), PROXY_BROKEN);
    header[31] = sum;
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(headers), cmocka_unit_test(a_header_with_its_sum) };
  return cmocka_run_group_tests(tests, 0, 0);
}
