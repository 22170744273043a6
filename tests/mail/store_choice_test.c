/* control/usersbackend: which store keeps the users of a domain. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store_choice.h"
#include "store_names.h"

static struct { char const *text, *domain, *store; } const cases[] = {
  { "", "a.example", "cdb" },
  { "# sqlite\n\n", "a.example", "cdb" },
  { "sqlite", "a.example", "sqlite" },
  { "sqlite \t\n", "a.example", "sqlite" },
  { ":sqlite\n", "a.example", "sqlite" },
  { "sqlite\na.example:cdb\n", "a.example", "cdb" },
  { "sqlite\na.example:cdb\n", "b.a.example", "sqlite" },
  { "A.Example:sqlite\n", "a.example", "sqlite" },
  { "A.Example:sqlite\n", "xa.example", "cdb" },
  { "a.example:sqlite\nsqlite\na.example:cdb\ncdb\n", "a.example", "cdb" },
  { "a.example:cdb\na.example:sqlite\n", "a.example", "sqlite" },
  { "oracle\n", "a.example", 0 },
  { "oracle\na.example:cdb\n", "a.example", "cdb" },
  { "a.example:oracle\n", "a.example", 0 },
  { "a.example:oracle\n", "b.example", "cdb" },
  { "a.example:\n", "a.example", 0 },
  { "SQLITE\n", "a.example", 0 },
  { "sqlite.\n", "a.example", 0 },
};

static void each_domain_has_one(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct field const domain = { cases[i].domain, strlen(cases[i].domain) };
    struct store const *store = store_choice_parse(cases[i].text, strlen(cases[i].text), domain);
    if (!store != !cases[i].store || (store && strcmp(store->name, cases[i].store) != 0))
      fail_msg("\"%s\" for %s: %s instead of %s", cases[i].text, cases[i].domain, store ? store->name : "none",
               cases[i].store ? cases[i].store : "none");
  }
}

static void only_what_needs_a_helper_has_one(void **state)
{
  static char const text[] = "cdb\na.example:sqlite\n#sqlite\nb.example:oracle\n:sqlite\n";
  size_t at = 0, count = 0;
  struct store const *store;
  (void)state;
  for (; (store = store_choice_next(text, strlen(text), &at)); count++) assert_ptr_equal(store, &store_sqlite);
  assert_int_equal(count, 2);
}

static void each_has_its_own_name(void **state)
{
  static char const *const names[] = { "cdb", "sqlite", "mysql", "pgsql", "ldap" };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_int_equal(store_kind_of(names[i], strlen(names[i])), i);
    assert_string_equal(store_choice_parse(names[i], strlen(names[i]), (struct field){ "", 0 })->name, names[i]);
  }
  assert_int_equal(sizeof names / sizeof *names, STORE_KINDS);
  assert_int_equal(store_kind_of("", 0), STORE_KINDS);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(each_domain_has_one),
    cmocka_unit_test(each_has_its_own_name),
    cmocka_unit_test(only_what_needs_a_helper_has_one)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
