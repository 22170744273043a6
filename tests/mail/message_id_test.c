/* A Message-ID is made of the moment, the process, chance and the host. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "bytes.h"
#include "message_id.h"

static void it_has_a_form_and_never_comes_twice(void **state)
{
  (void)state;
  stralloc one = STRALLOC_ZERO, two = STRALLOC_ZERO;
  char wanted[64];
  assert_true(message_id(&one, "id.example", 10, 951782400) && bytes_z(&one));
  assert_true(message_id(&two, "id.example", 10, 951782400) && bytes_z(&two));
  size_t n = (size_t)snprintf(wanted, sizeof wanted, "<20000229000000.%ld.", (long)getpid());
  assert_memory_equal(one.s, wanted, n);
  assert_int_equal(strspn(one.s + n, "0123456789abcdef"), 16);
  assert_string_equal(one.s + n + 16, ".qmail@id.example>");
  assert_string_not_equal(one.s, two.s);
  stralloc_free(&one);
  stralloc_free(&two);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(it_has_a_form_and_never_comes_twice) };
  return cmocka_run_group_tests(tests, 0, 0);
}
