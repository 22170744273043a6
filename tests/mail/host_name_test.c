#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_name.h"

#define LABEL63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
#define NAME253 LABEL63 "." LABEL63 "." LABEL63 "." "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1"

static void names(void **state)
{
  (void)state;
  static struct { char const *s; bool ok, full; } const cases[] = {
    { "", false, false }, { ".", false, false }, { "a.", false, false }, { ".a", false, false }, { "a..b", false, false },
    { "-a.b", false, false }, { "a-.b", false, false }, { "a_b.c", false, false }, { "a b.c", false, false },
    { "a.b\n", false, false }, { "caf\xc3\xa9.fr", false, false }, { "[1.2.3.4]", false, false },
    { "mail", true, false }, { "localhost", true, false }, { "LocalHost.localdomain", true, false },
    { "a.localhost", true, false }, { "1.2.3.4", true, false }, { "localhosts.example", true, true },
    { "mail.example.org", true, true }, { "a.b", true, true }, { "a--b.c", true, true }, { "4you.example", true, true },
    { LABEL63 ".b", true, true }, { "x" LABEL63 ".b", false, false },
    { NAME253, true, true }, { "x" NAME253, false, false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t len = strlen(cases[i].s);
    if (host_name_ok(cases[i].s, len) != cases[i].ok || host_name_is_full(cases[i].s, len) != cases[i].full)
      fail_msg("judged wrongly: %s", cases[i].s);
  }
  assert_int_equal(strlen(NAME253), HOST_NAME_MAX_LEN);
}

static void domains(void **state)
{
  (void)state;
  static struct { char const *name, *domain, *plus; } const cases[] = {
    { "b.c", "b.c", "b.c" }, { "a.b.c", "b.c", "b.c" }, { "x.a.b.c", "a.b.c", "b.c" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *name = cases[i].name;
    assert_string_equal(name + host_name_default_domain(name, strlen(name)), cases[i].domain);
    assert_string_equal(name + host_name_plus_domain(name, strlen(name)), cases[i].plus);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(names), cmocka_unit_test(domains) };
  return cmocka_run_group_tests(tests, 0, 0);
}
