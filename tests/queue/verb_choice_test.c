/* Patterns, and the recipients they take. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verb_choice.h"

static struct { char const *pattern, *text; bool fits; } const patterns[] = {
  { "", "", true }, { "", "a", false }, { "*", "", true }, { "**", "", true }, { "?", "", false }, { "*?", "", false },
  { "a", "a", true }, { "a", "A", true }, { "A@X", "a@x", true }, { "a", "ab", false }, { "ab", "a", false },
  { "a*", "a", true }, { "*a", "ba", true }, { "*a", "ab", false }, { "*a*", "bab", true }, { "a*b*c", "aXbYc", true },
  { "a*b*c", "aXbYcZ", false }, { "*ab", "aab", true }, { "*aab*", "aaaab", true }, { "?b", "ab", true }, { "??", "a", false },
  { "*.example", "x.y.example", true }, { "*.example", "example", false }, { "*@x", "a@b@x", true }, { "[a]", "a", false },
  { "[a]", "[a]", true }, { "\\*", "*", false }, { "\\*", "\\x", true }, { "*****a", "aaaab", false }, { "{", "[", false },
  { "\xc3\xa4*", "\xc3\xa4z", true }
};

static void test_patterns(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    if (pattern_fits(patterns[i].pattern, patterns[i].text, strlen(patterns[i].text)) != patterns[i].fits)
      fail_msg("%s on %s", patterns[i].pattern, patterns[i].text);
}

static void test_length_counts_not_the_nul(void **state)
{
  (void)state;
  assert_true(pattern_fits("ab", "abc", 2));
  assert_false(pattern_fits("a?c", "a\0b", 3));
  assert_true(pattern_fits("a?b", "a\0b", 3));
}

/* A matcher that tries every star anew would not come back. */
static void test_many_stars_take_no_time(void **state)
{
  (void)state;
  static char pattern[1001], text[1001];
  for (size_t i = 0; i < 1000; i++) {
    pattern[i] = i % 2 ? 'a' : '*';
    text[i] = 'a';
  }
  pattern[999] = 'b';
  assert_false(pattern_fits(pattern, text, 1000));
}

static struct { struct verb_choice choice; char const *address; bool taken; } const choices[] = {
  { { "", "" }, "", true }, { { "", "" }, "a@x", true },
  { { "", "x" }, "a@x", true }, { { "", "x" }, "a@X", true }, { { "", "x" }, "x", false }, { { "", "x" }, "x@y", false },
  { { "", "x" }, "a@x@y", false }, { { "", "y" }, "a@x@y", true }, { { "", "*" }, "local", true }, { { "", "?*" }, "local", false },
  { { "a", "" }, "a@x", false }, { { "a@*", "" }, "a@x", true }, { { "local", "" }, "local", true },
  { { "a@*", "y" }, "a@x", false }, { { "a@*", "x" }, "a@x", true }, { { "b@*", "x" }, "a@x", false }
};

static void test_choices(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
    if (choice_takes(&choices[i].choice, choices[i].address, strlen(choices[i].address)) != choices[i].taken)
      fail_msg("%zu: %s", i, choices[i].address);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_patterns),
    cmocka_unit_test(test_length_counts_not_the_nul),
    cmocka_unit_test(test_many_stars_take_no_time),
    cmocka_unit_test(test_choices)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
