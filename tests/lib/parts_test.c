/* Words and numbers read as they were written, and have one form only. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parts.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void numbers_have_one_form(void **state)
{
  (void)state;
  static char const *const bad[] = { "", "00", "01", "-1", "1x", " 1", "4294967296", "99999999999" };
  char digits[PART_DIGITS];
  uint32_t n;
  assert_true(part_number_read(&n, part_number(digits, UINT32_MAX)) && n == UINT32_MAX);
  assert_true(part_number_read(&n, part_number(digits, 0)) && n == 0);
  for (size_t i = 0; i < COUNT(bad); i++)
    if (part_number_read(&n, field_of(bad[i]))) fail_msg("%s", bad[i]);
}

static void words_are_found_whole(void **state)
{
  (void)state;
  static char const *const table[] = { "", "a", "ab" };
  assert_int_equal(part_word_find(table, 3, field_of("")), 0);
  assert_int_equal(part_word_find(table, 3, field_of("ab")), 2);
  assert_int_equal(part_word_find(table, 3, field_of("b")), 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_have_one_form),
    cmocka_unit_test(words_are_found_whole)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
