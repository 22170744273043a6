/* What the queue program said, as a reply. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verdict.h"

static struct { char const *verdict, *reply; } const cases[] = {
  { "Zqq temporary problem (#4.3.0)", "451 4.3.0 qq temporary problem (#4.3.0)" },
  { "Denvelope address too long for qq (#5.1.3)", "554 5.1.3 envelope address too long for qq (#5.1.3)" },
  { "Dspam", "554 5.3.0 spam" },
  { "Zgreylisted", "451 4.3.0 greylisted" },
  { "D", "554 5.3.0 " },
  { "Dvirus (#5.7.999)", "554 5.7.999 virus (#5.7.999)" },
  { "Dvirus (#5.7.9999)", "554 5.3.0 virus (#5.7.9999)" },
  { "Dwrong class (#4.7.1)", "554 5.3.0 wrong class (#4.7.1)" },
  { "Zwrong class (#5.7.1)", "451 4.3.0 wrong class (#5.7.1)" },
  { "Dtwo (#5.1.1) (#5.7.1)", "554 5.7.1 two (#5.1.1) (#5.7.1)" },
  { "Dno bracket #5.7.1", "554 5.3.0 no bracket #5.7.1" },
  { "D#", "554 5.3.0 #" },
  { "D(#", "554 5.3.0 (#" },
  { "D(#5", "554 5.3.0 (#5" },
  { "D(#5.", "554 5.3.0 (#5." },
  { "D(#5.7.", "554 5.3.0 (#5.7." },
  { "D(#5.7.1", "554 5.3.0 (#5.7.1" },
  { "Dtwo\r\n250 lines\t\377", "554 5.3.0 two??250 lines??" },
};

static void check_line(struct refusal const *r, char const *expected)
{
  struct refusal_line line;
  char said[128] = "";
  refusal_line(&line, r);
  for (char const **w = line.words; *w; w++) strcat(said, *w);
  assert_string_equal(said, expected);
}

static void words(void **state)
{
  (void)state;
  check_line(&(struct refusal){ 553, "5.7.1", "not ours" }, "553 5.7.1 not ours (#5.7.1)");
  check_line(&(struct refusal){ 421, "4.3.0", "" }, "421 4.3.0  (#4.3.0)");
  check_line(&(struct refusal){ 451, 0, "4.7.1 later" }, "451 4.7.1 later");
}

static void replies(void **state)
{
  struct refusal_made to = { .text = STRALLOC_ZERO };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_true(verdict_refusal(&to, cases[i].verdict));
    check_line(&to.refusal, cases[i].reply);
  }
  stralloc_free(&to.text);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(replies), cmocka_unit_test(words) };
  return cmocka_run_group_tests(tests, 0, 0);
}
