#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control_table.h"
#include "near_miss.h"

static char const long_word[] =
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static void distances(void **state)
{
  (void)state;
  static struct { char const *a, *b; size_t distance; } const cases[] = {
    { "", "", 0 }, { "", "abc", 3 }, { "abc", "", 3 }, { "abc", "ABC", 0 },
    { "abc", "acb", 1 }, { "abc", "abcd", 1 }, { "abc", "xbc", 1 }, { "abc", "bc", 1 },
    { "rcpthosts", "rcptheosts", 1 }, { "kitten", "sitting", 3 },
    { long_word, "a", sizeof long_word - 1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(word_distance(cases[i].a, cases[i].b), cases[i].distance);
}

/* The misspellings that printed guides are known for, and a few of everybody. */
static void control_names(void **state)
{
  (void)state;
  static struct { char const *wrong, *meant; } const cases[] = {
    { "morecpthosts", "morercpthosts" }, { "moretcpthosts", "morercpthosts" }, { "rcptheosts", "rcpthosts" },
    { "recpthosts", "rcpthosts" }, { "timeoutconnected", "timeoutconnect" }, { "envnothost", "envnoathost" },
    { "doublebouncefrom", "doublebounceto" }, { "local", "locals" }, { "virtualdomain", "virtualdomains" },
    { "vritualdomains", "virtualdomains" }, { "smtproute", "smtproutes" }, { "concurencyremote", "concurrencyremote" },
    { "DefaultDelivery", "defaultdelivery" }, { "badmailfrm", "badmailfrom" },
    { "spfbehavior", 0 }, { "simcontrol", 0 }, { "x", 0 }, { "", 0 },
  };
  char const *names[256];
  size_t n = 0;
  assert_true(control_file_count < sizeof names / sizeof *names);
  for (; n < control_file_count; n++) names[n] = control_files[n].name;
  names[n] = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *meant = near_miss(cases[i].wrong, names);
    if (!cases[i].meant) assert_null(meant);
    else {
      if (!meant) print_error("%s: nothing near\n", cases[i].wrong);
      assert_non_null(meant);
      assert_string_equal(meant, cases[i].meant);
    }
  }
}

static void variables(void **state)
{
  (void)state;
  static struct { char const *wrong, *meant; } const cases[] = {
    { "QMAILDEFALLTHOST", "QMAILDEFAULTHOST" }, { "QMAILDEFALLTDOMAIN", "QMAILDEFAULTDOMAIN" },
    { "QMAILDHOST", "QMAILIDHOST" }, { "QMAILPLUSDHOMAIN", "QMAILPLUSDOMAIN" },
    { "RELAYCLEINT", "RELAYCLIENT" }, { "RELAY_CLIENT", "RELAYCLIENT" }, { "DATABYTE", "DATABYTES" },
    { "HOME", 0 }, { "LANG", 0 }, { "TZ", 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *meant = near_miss(cases[i].wrong, known_variables);
    if (cases[i].meant) {
      assert_non_null(meant);
      assert_string_equal(meant, cases[i].meant);
    } else assert_null(meant);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(distances), cmocka_unit_test(control_names), cmocka_unit_test(variables)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
