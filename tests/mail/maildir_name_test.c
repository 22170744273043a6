#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "maildir_name.h"

static void sizes(void **state)
{
  struct { char const *name; bool known; uint64_t size; } const cases[] = {
    { "", false, 0 },
    { "1.M2.h", false, 0 },
    { "1.M2.h,S=", false, 0 },
    { "1.M2.h,S=x", false, 0 },
    { "1.M2.h,S=12x", false, 0 },
    { "1.M2.h,s=12", false, 0 },
    { "1.M2.h,W=12", false, 0 },
    { "1.M2.h,S=0", true, 0 },
    { "1.M2.h,S=12", true, 12 },
    { "1.M2.h,S=12,W=13", true, 12 },
    { "1.M2.h,W=13,S=12", true, 12 },
    { "1.M2.h:2,S=12", false, 0 },
    { "1.M2.h,S=12:2,S", true, 12 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t size;
    bool known = maildir_name_size(cases[i].name, strcspn(cases[i].name, ":"), &size);
    assert_int_equal(known, cases[i].known);
    if (known) assert_true(size == cases[i].size);
  }
}

static void trashed(void **state)
{
  struct { char const *name; bool trashed; } const cases[] = {
    { "", false },
    { "1.T.h", false },
    { "1.M2.h:2,", false },
    { "1.M2.h:2,S", false },
    { "1.M2.h:2,T", true },
    { "1.M2.h:2,RST", true },
    { "1.M2.h:2,t", false },
    { "1.M2.h:1,T", false },
    { "1.M2.h:T", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (maildir_name_is_trashed(cases[i].name, strcspn(cases[i].name, ":")) != cases[i].trashed) fail_msg("%s", cases[i].name);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(sizes), cmocka_unit_test(trashed) };
  return cmocka_run_group_tests(tests, 0, 0);
}
