#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "log_text.h"

static struct { char const *text; size_t len, max; char const *shown; } const cases[] = {
  { "", 0, 10, "" },
  { "abc", 3, 0, "" },
  { "abc", 3, 2, "ab" },
  { "a b", 3, 10, "a_b" },
  { "a\nb\n", 4, 10, "a/b/" },
  { "a%b", 3, 10, "a_b" },
  { "\0\1\r\t\x1b[31m", 9, 99, "_____[31m" },
  { "\x7f\x80\xff~!", 5, 10, "___~!" }
};

static void foreign_bytes_are_tamed(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(bytes_set(&got, "x:"));
    assert_true(log_text(&got, cases[i].text, cases[i].len, cases[i].max) && bytes_end(&got));
    assert_string_equal(got.s + 2, cases[i].shown);
    stralloc_free(&got);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(foreign_bytes_are_tamed) };
  return cmocka_run_group_tests(tests, 0, 0);
}
