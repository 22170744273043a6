/* Which addresses lead to this machine whatever its interfaces have. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ipme.h"
#include "literal.h"

static struct { char const *address; bool mine; } const cases[] = {
  { "127.0.0.1", true },
  { "127.0.0.2", true },
  { "127.255.255.255", true },
  { "0.0.0.0", true },
  { "0.1.2.3", true },
  { "126.255.255.255", false },
  { "128.0.0.1", false },
  { "1.0.0.127", false },
  { "192.0.2.1", false },
  { "::", true },
  { "::1", true },
  { "::ffff:127.0.0.1", true },
  { "::ffff:127.1.2.3", true },
  { "::ffff:0.0.0.0", true },
  { "::127.0.0.2", true },
  { "::ffff:192.0.2.1", false },
  { "::192.0.2.1", false },
  { "::1:7f00:1", false },
  { "7f00:1::", false },
  { "2001:db8::1", false },
  { "fe80::1", false },
};

static void addresses(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ip46 ip;
    assert_true(literal_number(&ip, cases[i].address, strlen(cases[i].address)));
    if (ipme_is(&ip) != cases[i].mine) fail_msg("%s", cases[i].address);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(addresses) };
  return cmocka_run_group_tests(tests, 0, 0);
}
