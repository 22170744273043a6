#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "command.h"

static void splitting(void **state)
{
  struct { char const *line; size_t verb_len, argument; } const cases[] = {
    { "", 0, 0 },
    { " ", 0, 1 },
    { " NOOP", 0, 1 },
    { "NOOP", 4, 4 },
    { "NOOP ", 4, 5 },
    { "NOOP   ", 4, 7 },
    { "PASS  a b ", 4, 6 },
    { "PASS\ta", 6, 6 },
    { "x 1 2", 1, 2 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct command c = command_split(cases[i].line, strlen(cases[i].line));
    assert_int_equal(c.verb_len, cases[i].verb_len);
    assert_int_equal(c.argument, cases[i].argument);
  }
}

static void finding(void **state)
{
  static struct verb const verbs[] = { { .name = "STAT" }, { .name = "TOP" }, { .name = 0 } };
  struct { char const *name; size_t row; } const cases[] = {
    { "", 2 }, { "TO", 2 }, { "TOPS", 2 }, { "top", 1 }, { "sTaT", 0 }, { "STAT", 0 }, { "STA", 2 }, { "\xd3TAT", 2 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_ptr_equal(verb_find(verbs, cases[i].name, strlen(cases[i].name)), verbs + cases[i].row);
  assert_ptr_equal(verb_find(verbs, "TOP\0", 4), verbs + 2);
}

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
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(splitting), cmocka_unit_test(finding), cmocka_unit_test(numbers)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
