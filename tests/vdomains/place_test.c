/* Where a virtual domain lies, by its path. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "place.h"

static void in_which_domains_it_lies(void **state)
{
  static struct { char const *dir, *domains; } const cases[] = {
    { "/srv/one/domains/b.example", "/srv/one/domains" }, { "/srv/one/domains/0/b.example", "/srv/one/domains" },
    { "/domains/b.example", "/domains" }, { "/domains/x/domains/b.example", "/domains/x/domains" },
    { "/domains/domains/b.example", "/domains/domains" },
    { "", "" }, { "/", "" }, { "/srv/one/b.example", "" }, { "/srv/one/domains", "" }, { "/srv/subdomains/b.example", "" },
    { "domains/b.example", "" }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t const len = place_domains(cases[i].dir);
    if (len != strlen(cases[i].domains) || memcmp(cases[i].dir, cases[i].domains, len) != 0) fail_msg("%s", cases[i].dir);
  }
}

static void what_lies_below(void **state)
{
  (void)state;
  assert_true(place_is_below("/srv/one/x", "/srv/one"));
  assert_true(place_is_below("/srv/one/x/y", "/srv/one"));
  assert_false(place_is_below("/srv/one", "/srv/one"));
  assert_false(place_is_below("/srv/oneself", "/srv/one"));
  assert_false(place_is_below("/srv", "/srv/one"));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(in_which_domains_it_lies), cmocka_unit_test(what_lies_below) };
  return cmocka_run_group_tests(tests, 0, 0);
}
