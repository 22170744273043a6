/* Whose homes may be away, and which are by design somebody else's or nobody's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "homes.h"

static void people_have_numbers_of_their_own(void **state)
{
  (void)state;
  static struct { uid_t uid; bool person; } const cases[] = {
    { 0, false }, { 1, false }, { 999, false }, { 1000, true }, { 59999, true }, { 60000, false }, { 65534, false },
    { 65535, false }, { 65536, true }, { 1879048191, true },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (uid_is_persons(cases[i].uid) != cases[i].person) fail_msg("%u", (unsigned)cases[i].uid);
}

static void homes(void **state)
{
  (void)state;
  static struct { char const *dir; uid_t uid; enum home_state state; } const cases[] = {
    { "/", 0, HOME_OWNED }, { "/", 1000, HOME_NONE }, { "/usr", 1000, HOME_NONE }, { "/dev/null", 1000, HOME_NONE },
    { "/not/there", 1000, HOME_AWAY }, { "/not/there", 999, HOME_NONE }, { "/not/there", 65534, HOME_NONE },
    { "/nonexistent", 1000, HOME_NONE }, { "/nonexistent/joe", 1000, HOME_NONE }, { "", 1000, HOME_NONE },
    { "not/there", 1000, HOME_NONE }, { "/dev/null/x", 1000, HOME_AWAY }, { "/dev/null/x", 13, HOME_NONE },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (home_state(cases[i].dir, cases[i].uid) != cases[i].state) fail_msg("%s of %u", cases[i].dir, (unsigned)cases[i].uid);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(people_have_numbers_of_their_own),
    cmocka_unit_test(homes)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
