#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "date.h"

static struct { time_t when; char const *header, *mbox, *digits; } const moments[] = {
  { 0, "1 Jan 1970 00:00:00 -0000", "Thu Jan 01 00:00:00 1970", "19700101000000" },
  { 951782400, "29 Feb 2000 00:00:00 -0000", "Tue Feb 29 00:00:00 2000", "20000229000000" },
  { 2147483647, "19 Jan 2038 03:14:07 -0000", "Tue Jan 19 03:14:07 2038", "20380119031407" },
  { 2147483648, "19 Jan 2038 03:14:08 -0000", "Tue Jan 19 03:14:08 2038", "20380119031408" },
  { 4294967296, "7 Feb 2106 06:28:16 -0000", "Sun Feb 07 06:28:16 2106", "21060207062816" },
  { 253402300799, "31 Dec 9999 23:59:59 -0000", "Fri Dec 31 23:59:59 9999", "99991231235959" },
  { -1, "31 Dec 1969 23:59:59 -0000", "Wed Dec 31 23:59:59 1969", "19691231235959" }
};

static void moments_in_all_forms(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(date_header(&got, moments[i].when) && bytes_addc(&got, '|')
                && date_mbox(&got, moments[i].when) && bytes_end(&got)
                && date_digits(&got, moments[i].when) && bytes_end(&got));
    size_t n = strlen(moments[i].header);
    assert_memory_equal(got.s, moments[i].header, n);
    assert_int_equal(got.s[n], '|');
    assert_string_equal(got.s + n + 1, moments[i].mbox);
    assert_string_equal(got.s + n + 1 + strlen(moments[i].mbox) + 1, moments[i].digits);
    stralloc_free(&got);
  }
}

/* Four centuries around 1970, day by day, and far away in long steps: the C library must agree. */
static void the_library_agrees(void **state)
{
  (void)state;
  for (long long when = -6311433600; when < 12622780800; when += 86399)
    for (int far = 0; far < 2; far++) {
      time_t t = (time_t)(far ? when * 1000 : when);
      char wanted[80];
      stralloc got = STRALLOC_ZERO;
      struct tm tm;
      assert_non_null(gmtime_r(&t, &tm));
      strftime(wanted, sizeof wanted, "%a %b %d %H:%M:%S ", &tm);
      sprintf(wanted + strlen(wanted), "%d", 1900 + tm.tm_year);
      assert_true(date_mbox(&got, t) && bytes_end(&got));
      if (strcmp(got.s, wanted)) fail_msg("%lld: %s", (long long)t, got.s);
      stralloc_free(&got);
    }
}

static void a_header_is_read_again(void **state)
{
  (void)state;
  static char const *const none[] = { "", "28 Nov", "0 Jan 2000 00:00:00 -0000", "1 Foo 2000 00:00:00 -0000",
                                      "1 Jan 1969 00:00:00 -0000", "1 Jan 2000 -1:00:00 -0000", "x", "1 Jan 2000 00:00" };
  time_t back;
  for (time_t when = 0; when < 253402300799; when += 86399 * 7) {
    stralloc got = STRALLOC_ZERO;
    assert_true(date_header(&got, when) && bytes_add(&got, "\nmore"));
    assert_true(date_header_scan(&back, got.s, got.len));
    assert_true(back == when);
    stralloc_free(&got);
  }
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (date_header_scan(&back, none[i], strlen(none[i]))) fail_msg("%s", none[i]);
}

static void no_number_breaks_it(void **state)
{
  (void)state;
  static time_t const far[] = { INT64_MAX, INT64_MIN, INT64_MAX - 86400, INT64_MIN + 86400 };
  for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(date_header(&got, far[i]) && date_mbox(&got, far[i]));
    stralloc_free(&got);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(moments_in_all_forms), cmocka_unit_test(the_library_agrees),
    cmocka_unit_test(a_header_is_read_again),
    cmocka_unit_test(no_number_breaks_it)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
