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

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(sizes) };
  return cmocka_run_group_tests(tests, 0, 0);
}
