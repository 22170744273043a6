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

static void replies(void **state)
{
  stralloc to = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_true(verdict_reply(&to, cases[i].verdict));
    assert_string_equal(to.s, cases[i].reply);
  }
  stralloc_free(&to);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(replies) };
  return cmocka_run_group_tests(tests, 0, 0);
}
