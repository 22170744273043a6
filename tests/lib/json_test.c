#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "json.h"

#define BAD "\xEF\xBF\xBD"

static struct { char const *text; size_t len; char const *json; } const cases[] = {
  { "", 0, "\"\"" },
  { "a\0b", 3, "\"a\\u0000b\"" },
  { "\"\\/\n\x7f", 5, "\"\\u0022\\u005c/\\u000a\\u007f\"" },
  { "\xc3\xa4", 2, "\"\xc3\xa4\"" },
  { "\xe2\x82\xac\xf0\x9f\x93\xa7", 7, "\"\xe2\x82\xac\xf0\x9f\x93\xa7\"" },
  { "\xe4" "b", 2, "\"" BAD "b\"" },
  { "\xc3", 1, "\"" BAD "\"" },
  { "\xe2\x82", 2, "\"" BAD BAD "\"" },
  { "\xc0\x80", 2, "\"" BAD BAD "\"" },
  { "\xe0\x80\x80", 3, "\"" BAD BAD BAD "\"" },
  { "\xed\xa0\x80", 3, "\"" BAD BAD BAD "\"" },
  { "\xf4\x90\x80\x80", 4, "\"" BAD BAD BAD BAD "\"" },
  { "\xf0\x9f\x93" "x", 4, "\"" BAD BAD BAD "x\"" }
};

static void any_bytes_are_json(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(json_text(&got, cases[i].text, cases[i].len));
    if (got.len != strlen(cases[i].json) || memcmp(got.s, cases[i].json, got.len))
      fail_msg("case %zu: %.*s", i, (int)got.len, got.s);
    stralloc_free(&got);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(any_bytes_are_json) };
  return cmocka_run_group_tests(tests, 0, 0);
}
