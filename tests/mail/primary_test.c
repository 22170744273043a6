/* Which addresses can be asked about. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "primary.h"

static struct { char const *name; bool is_one; } const names[] = {
  { "joe@example.net", true }, { "@example.net", true }, { "a b@example.net", true }, { "a@b@example.net", true }, { "<x>@example.net", true },
  { "joe", false }, { "joe@", false }, { "", false }, { "@", false }, { "joe@exa mple.net", false }, { "joe@<example.net>", false },
  { "j\to@example.net", false }, { "j\no@example.net", false }, { "j\xc3\xb6@example.net", false }, { "joe@\xc3\xb6.example", false },
  { "joe@example.net\n", false }, { "j\x7f@example.net", false },
};

static void what_is_a_name(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (primary_is_name(field_of(names[i].name)) != names[i].is_one) fail_msg("%s", names[i].name);
}

static void how_long_it_may_be(void **state)
{
  char name[PRIMARY_ADDRESS_MAX + 2];
  (void)state;
  memset(name, 'a', sizeof name);
  name[1] = '@';
  for (size_t len = PRIMARY_ADDRESS_MAX - 1; len <= PRIMARY_ADDRESS_MAX + 1; len++)
    assert_int_equal(primary_is_name((struct field){ name, len }), len <= PRIMARY_ADDRESS_MAX);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(what_is_a_name), cmocka_unit_test(how_long_it_may_be) };
  return cmocka_run_group_tests(tests, 0, 0);
}
