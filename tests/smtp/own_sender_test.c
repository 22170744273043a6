#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "own_sender.h"

static struct field of(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static char const lines[] =
  "# who may send as whom\n"
  "joe:sales@example.net\n"
  "joe:@joe.example\n"
  "@example.com:@example.com  \n"
  "ann@example.com:*\n"
  "*:info@example.org\n"
  "empty:\n"
  "no colon\n"
  ":@nobody.example\n";

static void allowed(void **state)
{
  struct { char const *login, *address; bool may; } const cases[] = {
    { "joe", "sales@example.net", true }, { "JOE", "Sales@Example.Net", true }, { "jo", "sales@example.net", false },
    { "joe", "x@joe.example", true }, { "joe", "x@y@joe.example", true }, { "joe", "x@joe.example.", false },
    { "joe", "x@sub.joe.example", false }, { "joe", "xjoe.example", false }, { "joe", "@joe.example", true },
    { "bob@example.com", "ann@example.com", true }, { "bob@example.com", "ann@example.org", false },
    { "bob@other.example", "ann@example.com", false }, { "bob", "ann@example.com", false },
    { "ann@example.com", "anybody@anywhere", true }, { "who@ever", "info@example.org", true }, { "who", "INFO@example.org", true },
    { "who", "info@example.org.example", false }, { "empty", "x", false }, { "", "x@nobody.example", true }, { "x", "x@nobody.example", false }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(own_sender_is_allowed(lines, sizeof lines - 1, of(cases[i].login), of(cases[i].address)), cases[i].may);
  assert_false(own_sender_is_allowed("", 0, of("joe"), of("joe@example.net")));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(allowed) };
  return cmocka_run_group_tests(tests, 0, 0);
}
