/* Words that scripts look for. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reason.h"

static void words(void **state)
{
  (void)state;
  assert_string_equal(reason(EACCES), "access denied");
  assert_string_equal(reason(EPERM), "permission denied");
  assert_string_equal(reason(ENOENT), "file does not exist");
  assert_string_equal(reason(ENOSPC), "out of disk space");
  assert_string_equal(reason(EDQUOT), "disk quota exceeded");
  assert_string_equal(reason(EOVERFLOW), strerror(EOVERFLOW));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(words) };
  return cmocka_run_group_tests(tests, 0, 0);
}
