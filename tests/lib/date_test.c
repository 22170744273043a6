#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "date.h"

static struct { time_t when; char const *header, *mbox; } const moments[] = {
  { 0, "1 Jan 1970 00:00:00 -0000", "Thu Jan 01 00:00:00 1970" },
  { 951782400, "29 Feb 2000 00:00:00 -0000", "Tue Feb 29 00:00:00 2000" },
  { 2147483647, "19 Jan 2038 03:14:07 -0000", "Tue Jan 19 03:14:07 2038" },
  { 2147483648, "19 Jan 2038 03:14:08 -0000", "Tue Jan 19 03:14:08 2038" },
  { 4294967296, "7 Feb 2106 06:28:16 -0000", "Sun Feb 07 06:28:16 2106" },
  { 253402300799, "31 Dec 9999 23:59:59 -0000", "Fri Dec 31 23:59:59 9999" },
  { -1, "31 Dec 1969 23:59:59 -0000", "Wed Dec 31 23:59:59 1969" }
};

static void moments_in_both_forms(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(date_header(&got, moments[i].when) && stralloc_append(&got, '|')
                && date_mbox(&got, moments[i].when) && stralloc_0(&got));
    size_t n = strlen(moments[i].header);
    assert_memory_equal(got.s, moments[i].header, n);
    assert_int_equal(got.s[n], '|');
    assert_string_equal(got.s + n + 1, moments[i].mbox);
    stralloc_free(&got);
  }
}

static void beyond_all_years(void **state)
{
  (void)state;
  stralloc got = STRALLOC_ZERO;
  assert_false(date_header(&got, INT64_MAX));
  assert_false(date_mbox(&got, INT64_MAX));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(moments_in_both_forms), cmocka_unit_test(beyond_all_years) };
  return cmocka_run_group_tests(tests, 0, 0);
}
