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
  { "", 0 }, { "[", 0 }, { "]", 0 }, { "[]", 0 },
  { "127.0.0.1", 0 }, { "[127.0.0.1", 0 }, { "127.0.0.1]", 0 }, { "[127.0.0.1.]", 0 }, { "[127.0.0]", 0 },
  { "[256.0.0.1]", 0 }, { "[383.0.0.1]", 0 }, { "[0127.0.0.1]", 0 }, { "[127.0.0.1 ]", 0 }, { "[::1]", 0 }, { "[IPv6:]", 0 }, { "[IPv6:127.0.0.1]", 0 },
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

static void nul_in_a_literal(void **state)
{
  ip46 ip;
  (void)state;
  assert_false(literal_scan(&ip, "[127.0.0.1\0x]", 13));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(literals), cmocka_unit_test(nul_in_a_literal) };
  return cmocka_run_group_tests(tests, 0, 0);
}
