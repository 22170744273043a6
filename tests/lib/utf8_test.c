/* Characters of UTF-8, and what only looks like one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "utf8.h"

static struct { char const *s; size_t bytes; bool all; } const cases[] = {
  { "",                 0, true },
  { "a",                1, true },
  { "\303\244b",        2, true },
  { "\342\202\254",     3, true },
  { "\360\237\230\200", 4, true },
  { "\344b",            0, false },
  { "\303",             0, false },
  { "\300\200",         0, false },       /* longer than it need be */
  { "\355\240\200",     0, false },       /* half of a pair */
  { "\364\220\200\200", 0, false },       /* above the last one */
  { "\200",             0, false },
  { "a\377",            1, false },
};

static void characters(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(utf8_character(cases[i].s, strlen(cases[i].s)), cases[i].bytes);
    assert_int_equal(utf8_is(cases[i].s, strlen(cases[i].s)), cases[i].all);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(characters) };
  return cmocka_run_group_tests(tests, 0, 0);
}
