/* Who has moved, and what those are told who write to him. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "moved.h"

static void lines(void **state)
{
  static char const file[] = "# people\nJoe@a.example:joe@b.example\nann@a.example:x@y  \njoe@a.example:joe@c.example\nbob\n";
  struct field now;
  (void)state;
  assert_true(moved_find(&now, file, sizeof file - 1, field_of("JOE@A.example")));
  assert_true(now.len == 13 && !memcmp(now.s, "joe@c.example", 13));
  assert_true(moved_find(&now, file, sizeof file - 1, field_of("ann@a.example")) && now.len == 3);
  assert_false(moved_find(&now, file, sizeof file - 1, field_of("bob")));
  assert_false(moved_find(&now, file, sizeof file - 1, field_of("joe@a.exampl")));
  assert_false(moved_find(&now, "", 0, field_of("joe@a.example")));
}

static void sentence(void **state)
{
  static char longest[MOVED_MAX + 2];
  stralloc text = STRALLOC_ZERO;
  (void)state;
  assert_true(moved_sentence(&text, field_of("a\r\nb@c"), field_of("gr\303\274n@d")) && text.len == 31);
  assert_memory_equal(text.s, "<a??b@c> has moved to <gr??n@d>", 31);
  text.len = 0;
  memset(longest, 'x', MOVED_MAX + 1);
  assert_true(moved_sentence(&text, field_of(longest), field_of("")) && text.len == MOVED_MAX + strlen("<> has moved to <>"));
  stralloc_free(&text);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines), cmocka_unit_test(sentence) };
  return cmocka_run_group_tests(tests, 0, 0);
}
