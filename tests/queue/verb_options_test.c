/* The command line of qmail-qctl. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verb_options.h"

static struct { char const *text; bool is_age; uint64_t seconds; } const ages[] = {
  { "", false, 0 }, { "s", false, 0 }, { "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 },
  { "1x", false, 0 }, { "1ms", false, 0 }, { "1.5h", false, 0 }, { "1H", false, 0 }, { "1234567890", false, 0 },
  { "0", true, 0 }, { "007", true, 7 }, { "90", true, 90 }, { "90s", true, 90 }, { "15m", true, 900 }, { "3h", true, 10800 },
  { "2d", true, 172800 }, { "1w", true, 604800 }, { "999999999w", true, UINT64_C(999999999) * 604800 }
};

static void test_ages(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
    uint64_t seconds = 0;
    if (age_scan(ages[i].text, &seconds) != ages[i].is_age || seconds != ages[i].seconds) fail_msg("%s", ages[i].text);
  }
}

enum { WORDS = 12 };

static int count(char const *const *words)
{
  int n = 0;
  while (n < WORDS && words[n]) n++;
  return n;
}

static char const *const wrong[][WORDS] = {
  { 0 }, { "" }, { "List" }, { "lists" }, { "-n", "list" },
  { "hold" }, { "hold", "-n" }, { "show" }, { "show", "-m" }, { "hold", "0" }, { "hold", "01" }, { "hold", "1x" }, { "hold", "" },
  { "hold", "1", "-n" }, { "hold", "-x", "1" }, { "hold", "-m", "1" }, { "hold", "--json", "1" }, { "hold", "--nonsense", "1" },
  { "hold", "-s" }, { "hold", "-b", "no", "1" }, { "hold", "-t", "a@x", "1" }, { "list", "-A" }, { "list", "-n" },
  { "hold", "-r", "" }, { "hold", "-d", "" }, { "hold", "-o", "" }, { "hold", "-o", "x" }, { "hold", "-y", "5y" },
  { "delete", "-b", "", "1" }, { "delete", "-b", "no" }, { "redirect", "1" }, { "redirect", "-t", "a@x" },
  { "redirect", "-t", "", "1" }, { "redirect", "-t", "a", "1" }, { "redirect", "-t", "@x", "1" }, { "redirect", "-t", "a@", "1" }
};

static void test_wrong(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct verb_options o;
    char const *culprit;
    if (!verb_options_read(&o, &culprit, count(wrong[i]), wrong[i])) fail_msg("taken: %zu", i);
  }
}

static void test_too_long(void **state)
{
  (void)state;
  static char text[2000];
  struct verb_options o;
  char const *culprit;
  memset(text, 'x', 1001);
  assert_non_null(verb_options_read(&o, &culprit, 4, (char const *const []){ "delete", "-b", text, "1" }));
  text[1000] = 0;
  assert_null(verb_options_read(&o, &culprit, 4, (char const *const []){ "delete", "-b", text, "1" }));
  memset(text, 'x', 1003);
  assert_non_null(verb_options_read(&o, &culprit, 4, (char const *const []){ "delete", "-r", text, "1" }));
}

static void test_everything_at_once(void **state)
{
  (void)state;
  static char const *const words[] = {
    "redirect", "-nHs", "a@*", "--recipient=b*", "-d", "x.example", "--older", "2h", "-y3d", "--to", "c@y", "12", "13"
  };
  struct verb_options o;
  char const *culprit;
  assert_null(verb_options_read(&o, &culprit, sizeof words / sizeof *words, words));
  assert_int_equal(o.wish, WISH_REDIRECT);
  assert_true(o.dry && o.held && !o.all && !o.json && !o.message);
  assert_string_equal(o.sender, "a@*");
  assert_string_equal(o.choice.recipient, "b*");
  assert_string_equal(o.choice.domain, "x.example");
  assert_int_equal(o.older, 7200);
  assert_int_equal(o.younger, 259200);
  assert_string_equal(o.to, "c@y");
  assert_null(o.text);
  assert_int_equal(o.count, 2);
  assert_string_equal(o.numbers[1], "13");
}

static void test_what_is_not_said(void **state)
{
  (void)state;
  struct verb_options o;
  char const *culprit;
  assert_null(verb_options_read(&o, &culprit, 2, (char const *const []){ "list", "--json" }));
  assert_true(o.json && !o.sender && !*o.choice.recipient && !*o.choice.domain && !o.older && o.younger == UINT64_MAX && !o.count);
  assert_null(verb_options_read(&o, &culprit, 3, (char const *const []){ "hold", "-s", "" }));
  assert_string_equal(o.sender, "");
  assert_null(verb_options_read(&o, &culprit, 3, (char const *const []){ "hold", "--", "5" }));
  assert_int_equal(o.count, 1);
  assert_null(verb_options_read(&o, &culprit, 2, (char const *const []){ "delete", "-A" }));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_ages),
    cmocka_unit_test(test_wrong),
    cmocka_unit_test(test_too_long),
    cmocka_unit_test(test_everything_at_once),
    cmocka_unit_test(test_what_is_not_said)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
