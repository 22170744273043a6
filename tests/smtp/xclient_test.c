/* What XCLIENT may say of a client. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "xclient.h"

/* One attribute, and what is then known; null: it cannot be meant. */
static struct { char const *said; enum xclient_attribute of; char const *value; } const cases[] = {
  { "ADDR=192.0.2.7",             XCLIENT_ADDR,     "192.0.2.7" },
  { "addr=IPV6:2001:DB8:0::7",    XCLIENT_ADDR,     "2001:db8::7" },
  { "ADDR=ipv6:::1",              XCLIENT_ADDR,     "::1" },
  { "ADDR=2001:db8::7",           XCLIENT_ADDR,     "2001:db8::7" },
  { "ADDR=[UNAVAILABLE]",         XCLIENT_ADDR,     "" },
  { "ADDR=IPV6:192.0.2.7",        XCLIENT_ADDR,     0 },
  { "ADDR=192.0.2",               XCLIENT_ADDR,     0 },
  { "ADDR=",                      XCLIENT_ADDR,     0 },
  { "NAME=[TempUnavail]",         XCLIENT_NAME,     "" },
  { "HELO=[TEMPUNAVAIL]",         XCLIENT_HELO,     "[TEMPUNAVAIL]" },
  { "NAME=mail.example.org",      XCLIENT_NAME,     "mail.example.org" },
  { "NAME=a+2Eb",                 XCLIENT_NAME,     "a.b" },
  { "NAME=a%b",                   XCLIENT_NAME,     0 },
  { "HELO=[192.0.2.7]+3d+2b",     XCLIENT_HELO,     "[192.0.2.7]=+" },
  { "HELO=a+b",                   XCLIENT_HELO,     "a+b" },
  { "HELO=a+0Ab",                 XCLIENT_HELO,     0 },
  { "HELO=a+20b",                 XCLIENT_HELO,     0 },
  { "HELO=a\303\274",             XCLIENT_HELO,     0 },
  { "PORT=65535",                 XCLIENT_PORT,     "65535" },
  { "PORT=65536",                 XCLIENT_PORT,     0 },
  { "PORT=1x",                    XCLIENT_PORT,     0 },
  { "PROTO=esmtp",                XCLIENT_PROTO,    "esmtp" },
  { "PROTO=LMTP",                 XCLIENT_PROTO,    0 },
  { "DESTADDR=203.0.113.25",      XCLIENT_DESTADDR, "203.0.113.25" },
  { " PORT=1  HELO=x ",           XCLIENT_HELO,     "x" },
  { "PORT=1 PORT=1",              XCLIENT_PORT,     0 },
  { "LOGIN=joe",                  XCLIENT_NAME,     0 },
  { "ADDR",                       XCLIENT_ADDR,     0 },
  { "=x",                         XCLIENT_ADDR,     0 },
};

static void attributes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct xclient x;
    bool taken = xclient_read(&x, cases[i].said, strlen(cases[i].said));
    assert_int_equal(taken, cases[i].value != 0);
    if (!taken) continue;
    assert_true(x.is_said[cases[i].of]);
    assert_string_equal(x.value[cases[i].of], cases[i].value);
  }
}

static void the_longest(void **state)
{
  char line[5 + XCLIENT_VALUE_MAX + 2] = "HELO=";
  struct xclient x;
  (void)state;
  memset(line + 5, 'x', XCLIENT_VALUE_MAX + 1);
  assert_true(xclient_read(&x, line, 5 + XCLIENT_VALUE_MAX));
  assert_false(xclient_read(&x, line, 5 + XCLIENT_VALUE_MAX + 1));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(attributes), cmocka_unit_test(the_longest) };
  return cmocka_run_group_tests(tests, 0, 0);
}
