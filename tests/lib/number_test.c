#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "number.h"

static void numbers(void **state)
{
  struct { char const *s; size_t digits; uint64_t number; } const cases[] = {
    { "", 0, 0 }, { "x", 0, 0 }, { "-1", 0, 0 }, { "+1", 0, 0 }, { " 1", 0, 0 },
    { "0", 1, 0 }, { "007", 3, 7 }, { "12x", 2, 12 }, { "3 4", 1, 3 },
    { "18446744073709551614", 20, UINT64_MAX - 1 },
    { "18446744073709551615", 20, UINT64_MAX },
    { "18446744073709551616", 20, UINT64_MAX },
    { "99999999999999999999999", 23, UINT64_MAX },
    { "184467440737095516160", 21, UINT64_MAX },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t number = 99;
    assert_int_equal(number_scan(cases[i].s, strlen(cases[i].s), &number), cases[i].digits);
    assert_true(number == cases[i].number);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(numbers) };
  return cmocka_run_group_tests(tests, 0, 0);
}
