/* The addresses from which users have logged in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "open_smtp.h"

#define LINE(ip, time) ip ":allow,RELAYCLIENT=\"\",RBLSMTPD=\"\"\t" time "\n"

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static void an_address_is_found(void **state)
{
  static struct { char const *file, *client; uint64_t time; } const cases[] = {
    { "", "192.0.2.1", 0 },
    { LINE("192.0.2.1", "17"), "192.0.2.1", 17 },
    { LINE("192.0.2.1", "17"), "::ffff:192.0.2.1", 17 },
    { LINE("192.0.2.1", "17"), "192.0.2.10", 0 },
    { LINE("192.0.2.10", "17"), "192.0.2.1", 0 },
    { LINE("192.0.2.1", "17") LINE("192.0.2.1", "19") LINE("192.0.2.1", "18"), "192.0.2.1", 19 },
    { LINE("2001:db8::1", "17"), "2001:db8::1", 17 },
    { LINE("2001:db8::1", "17"), "db8::1", 0 },
    { "192.0.2.1:allow,\t17", "192.0.2.1", 17 },
    { "192.0.2.1:deny\t17\n", "192.0.2.1", 0 },
    { "192.0.2.1:allow,RELAYCLIENT=\"\" 17\n", "192.0.2.1", 0 },
    { "192.0.2.1:allow,\t\n", "192.0.2.1", 0 },
    { "192.0.2.1:allow,\t-17\n", "192.0.2.1", 0 },
    { "192.0.2.1:allow,\t123456789012\n", "192.0.2.1", 0 },
    { "192.0.2.1:allow,\t12345678901\n", "192.0.2.1", 12345678901 },
    { "#\n\n:allow,\t5\n" LINE("192.0.2.1", "17"), "192.0.2.1", 17 },
    { ":allow,\t5\n", "", 0 }, { LINE("joe", "5"), "joe", 0 }, { LINE("unknown", "5"), "unknown", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t time = open_smtp_find(text(cases[i].file), open_smtp_ip(text(cases[i].client)));
    if (time != cases[i].time) fail_msg("case %zu: %llu", i, (unsigned long long)time);
  }
}

static void a_login_is_written(void **state)
{
  static struct { char const *file, *ip; uint64_t now, oldest; char const *new; } const cases[] = {
    { "", "192.0.2.1", 20, 10, LINE("192.0.2.1", "20") },
    { LINE("192.0.2.1", "17"), "192.0.2.1", 20, 10, LINE("192.0.2.1", "20") },
    { LINE("192.0.2.2", "9") LINE("192.0.2.3", "10"), "192.0.2.1", 20, 10, LINE("192.0.2.3", "10") LINE("192.0.2.1", "20") },
    { "# mine\nx", "192.0.2.1", 20, 10, "# mine\nx\n" LINE("192.0.2.1", "20") },
    { LINE("192.0.2.2", "9") LINE("192.0.2.3", "10"), "", 20, 10, LINE("192.0.2.3", "10") },
  };
  (void)state;
  stralloc to = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    to.len = 0;
    assert_true(open_smtp_write(&to, text(cases[i].file), text(cases[i].ip), cases[i].now, cases[i].oldest) && bytes_z(&to));
    assert_string_equal(to.s, cases[i].new);
  }
  stralloc_free(&to);
}

static void an_address_has_a_bound(void **state)
{
  char ip[OPEN_SMTP_IP_MAX + 2];
  (void)state;
  memset(ip, ':', sizeof ip);
  assert_int_equal(open_smtp_ip((struct field){ ip, OPEN_SMTP_IP_MAX - 1 }).len, OPEN_SMTP_IP_MAX - 1);
  assert_int_equal(open_smtp_ip((struct field){ ip, OPEN_SMTP_IP_MAX }).len, OPEN_SMTP_IP_MAX);
  assert_int_equal(open_smtp_ip((struct field){ ip, OPEN_SMTP_IP_MAX + 1 }).len, 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(an_address_is_found), cmocka_unit_test(a_login_is_written), cmocka_unit_test(an_address_has_a_bound)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
