#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "network.h"

static void reading(void **state)
{
  struct { char const *text, *shown; } const cases[] = {
    { "192.0.2.7", "192.0.2.7" }, { "192.0.2.0/24", "192.0.2.0/24" }, { "0.0.0.0/0", "0.0.0.0/0" },
    { "192.0.2.7/32", "192.0.2.7" }, { "::ffff:192.0.2.7", "192.0.2.7" }, { "2001:DB8::1", "2001:db8::1" },
    { "2001:db8::/32", "2001:db8::/32" }, { "::/0", "::/0" },
    { "192.0.2.7/24", 0 }, { "192.0.2.0/33", 0 }, { "192.0.2.0/", 0 }, { "192.0.2.0/-1", 0 }, { "192.0.2.0/024x", 0 },
    { "2001:db8::1/32", 0 }, { "2001:db8::/129", 0 }, { "", 0 }, { "/", 0 }, { "/8", 0 }, { "10.1.", 0 }, { "host", 0 },
    { "192.0.2.0/0000", 0 }, { "::ffff:192.0.2.0/120", 0 }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct network n;
    char shown[NETWORK_FMT];
    bool good = network_read(&n, cases[i].text, strlen(cases[i].text));
    assert_int_equal(good, cases[i].shown != 0);
    if (!good) continue;
    shown[network_fmt(shown, &n)] = 0;
    assert_string_equal(shown, cases[i].shown);
  }
}

static void having(void **state)
{
  struct { char const *net, *part; bool has; } const cases[] = {
    { "192.0.2.0/24", "192.0.2.255", true }, { "192.0.2.0/24", "192.0.3.0", false }, { "192.0.2.128/25", "192.0.2.127", false },
    { "192.0.2.7", "192.0.2.7", true }, { "192.0.2.7", "192.0.2.6", false }, { "0.0.0.0/0", "192.0.2.7", true },
    { "0.0.0.0/0", "2001:db8::1", false }, { "::/0", "192.0.2.7", true }, { "2001:db8::/32", "2001:db8:ffff::1", true },
    { "2001:db8::/32", "2001:db9::", false }, { "192.0.2.7", "192.0.2.0/24", false }, { "192.0.0.0/16", "192.0.2.0/24", true }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct network n, part;
    assert_true(network_read(&n, cases[i].net, strlen(cases[i].net)));
    assert_true(network_read(&part, cases[i].part, strlen(cases[i].part)));
    assert_int_equal(network_has(&n, &part), cases[i].has);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(reading), cmocka_unit_test(having) };
  return cmocka_run_group_tests(tests, 0, 0);
}
