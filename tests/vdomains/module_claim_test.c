/* What a module of Courier's logins is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "module_claim.h"

static void lines(void **state)
{
  static struct { char const *said; size_t len; char const *service, *type, *user, *password; } const cases[] = {
    { "imap\nlogin\njoe\nx y\n", 0, "imap", "login", "joe", "x y" },
    { "imap\nlogin\njoe\nx\nnew\n\n", 0, "imap", "login", "joe", "x" },
    { "\n\n\n\n", 0, "", "", "", "" },
    { "imap\nlogin\njoe\nx", 0, 0, 0, 0, 0 }, { "imap\nlogin\njoe\n", 0, 0, 0, 0, 0 }, { "", 0, 0, 0, 0, 0 }, { "\n\n\n", 0, 0, 0, 0, 0 },
    { "imap\nlogin\nj\0e\nx\n", 18, 0, 0, 0, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct module_claim c;
    bool is = module_claim_parse(&c, cases[i].said, cases[i].len ? cases[i].len : strlen(cases[i].said));
    assert_int_equal(is, cases[i].service != 0);
    if (is) assert_true(field_is(c.service, cases[i].service) && field_is(c.type, cases[i].type));
    if (is) assert_true(field_is(c.user, cases[i].user) && field_is(c.password, cases[i].password));
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines) };
  return cmocka_run_group_tests(tests, 0, 0);
}
