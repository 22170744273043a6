/* The argument of BDAT: what is a chunk, and what leaves open where the next command begins. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chunk.h"

enum { LOST = 2 };

static struct { char const *arg; int last; uint64_t len; } const cases[] = {
  { "0", false, 0 },
  { "0 LAST", true, 0 },
  { "86", false, 86 },
  { "86 ", false, 86 },
  { "0086  last ", true, 86 },
  { "9999999999999999999", false, 9999999999999999999u },
  { "10000000000000000000", LOST, 0 },
  { "00000000000000000001", LOST, 0 },
  { "", LOST, 0 }, { "LAST", LOST, 0 }, { "-1", LOST, 0 }, { "+1", LOST, 0 }, { "0x10", LOST, 0 }, { "1e3", LOST, 0 },
  { "86LAST", LOST, 0 }, { "86 LASTS", LOST, 0 }, { "86 LAS", LOST, 0 }, { "86 LAST LAST", LOST, 0 }, { "86\tLAST", LOST, 0 },
  { "86 87", LOST, 0 }, { "8 6 LAST", LOST, 0 },
};

static void arguments(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct chunk c;
    bool known = chunk_read(&c, cases[i].arg, strlen(cases[i].arg));
    assert_int_equal(known, cases[i].last != LOST);
    if (!known) continue;
    assert_int_equal(c.is_last, cases[i].last);
    assert_true(c.len == cases[i].len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(arguments) };
  return cmocka_run_group_tests(tests, 0, 0);
}
