/* Domains that are addresses. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "literal.h"

static struct { char const *domain; char const *ip; } const cases[] = {
  { "[127.0.0.1]", "127.0.0.1" },
  { "[0.0.0.0]", "0.0.0.0" },
  { "[IPv6:::1]", "::1" },
  { "[ipV6:2001:db8::25]", "2001:db8::25" },
  { "[::1]", "::1" },
  { "", 0 }, { "[", 0 }, { "]", 0 }, { "[]", 0 },
  { "127.0.0.1", 0 }, { "[127.0.0.1", 0 }, { "127.0.0.1]", 0 }, { "[127.0.0.1.]", 0 }, { "[127.0.0]", 0 },
  { "[256.0.0.1]", 0 }, { "[383.0.0.1]", 0 }, { "[0127.0.0.1]", 0 }, { "[127.0.0.1 ]", 0 }, { "[IPv6:]", 0 }, { "[IPv6:127.0.0.1]", 0 },
  { "[IPv6:::1x]", 0 }, { "[IPv6:1:2:3:4:5:6:7:8:9]", 0 },
  { "[IPv6:0000000000000000000000000000000000000000000000000000000000000000000000000000001]", 0 },
};

static void literals(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ip46 ip;
    char text[IP46_FMT + 1];
    assert_int_equal(literal_scan(&ip, cases[i].domain, strlen(cases[i].domain)), cases[i].ip != 0);
    if (!cases[i].ip) continue;
    text[ip46_fmt(text, &ip)] = 0;
    assert_string_equal(text, cases[i].ip);
  }
}

static struct { char const *text; char const *ip; } const numbers[] = {
  { "127.0.0.1", "127.0.0.1" },
  { "2001:db8::1", "2001:db8::1" },
  { "", 0 }, { "[127.0.0.1]", 0 }, { "IPv6:::1", 0 }, { "10.1.2", 0 }, { "10.1.2.256", 0 }, { "10.1.2.3.", 0 },
  { "10.1.2.3x", 0 }, { "example.org", 0 }, { "1:2:3:4:5:6:7:8:9", 0 },
  { "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff:0000", 0 },
};

static void bare_numbers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    ip46 ip;
    char text[IP46_FMT + 1];
    assert_int_equal(literal_number(&ip, numbers[i].text, strlen(numbers[i].text)), numbers[i].ip != 0);
    if (!numbers[i].ip) continue;
    text[ip46_fmt(text, &ip)] = 0;
    assert_string_equal(text, numbers[i].ip);
  }
}

static void nul_in_a_literal(void **state)
{
  ip46 ip;
  (void)state;
  assert_false(literal_scan(&ip, "[127.0.0.1\0x]", 13));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(literals), cmocka_unit_test(bare_numbers), cmocka_unit_test(nul_in_a_literal) };
  return cmocka_run_group_tests(tests, 0, 0);
}
