/* The number in front of a netstring. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netstring_length.h"

static struct { char const *text; enum netstring_length_said said; uint32_t bytes; } const cases[] = {
  { "", NETSTRING_MORE, 0 },
  { ":", NETSTRING_BROKEN, 0 },
  { "0:", NETSTRING_KNOWN, 0 },
  { "007:", NETSTRING_KNOWN, 7 },
  { "12", NETSTRING_MORE, 12 },
  { "1999999999:", NETSTRING_KNOWN, 1999999999 },
  { "2000000000:", NETSTRING_KNOWN, 2000000000 },
  { "2000000001", NETSTRING_TOO_LONG, 200000000 },
  { "99999999999999999999", NETSTRING_TOO_LONG, 999999999 },
  { "00000000000000000001:", NETSTRING_KNOWN, 1 },
  { "000000000000000000001", NETSTRING_BROKEN, 0 },
  { "-1", NETSTRING_BROKEN, 0 },
  { " 1", NETSTRING_BROKEN, 0 },
  { "1 ", NETSTRING_BROKEN, 1 },
  { "1,", NETSTRING_BROKEN, 1 },
  { "1\n", NETSTRING_BROKEN, 1 },
};

static void lengths(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct netstring_length n = { 0 };
    enum netstring_length_said said = NETSTRING_MORE;
    for (char const *s = cases[i].text; *s && said == NETSTRING_MORE; s++) said = netstring_length_take(&n, *s);
    assert_int_equal(said, cases[i].said);
    if (n.bytes != cases[i].bytes && said != NETSTRING_BROKEN) fail_msg("%s: %u", cases[i].text, (unsigned)n.bytes);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lengths) };
  return cmocka_run_group_tests(tests, 0, 0);
}
