#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "nameset.h"

/* What the set made of the text says of a name: its value, or null. */
static void ask(bool map, char const *text, char const *name, char const *wanted)
{
  struct nameset set = NAMESET_ZERO;
  size_t len = 0;
  assert_true((map ? nameset_map : nameset_list)(&set, text, strlen(text)));
  char const *value = nameset_value(&set, name, strlen(name), &len);
  assert_int_equal(value != 0, nameset_has(&set, name, strlen(name)));
  if (!wanted != !value || (wanted && (len != strlen(wanted) || memcmp(value, wanted, len))))
    fail_msg("%s in %s: %.*s", name, text, (int)len, value ? value : "nothing");
  nameset_free(&set);
}

static struct { char const *text, *name, *value; } const lists[] = {
  { "", "", 0 },
  { "\n", "", 0 },
  { "#a\n", "#a", 0 },
  { " #a\n", " #a", "" },
  { "a", "a", "" },
  { "a\n", "A", "" },
  { "ABC\n", "abc", "" },
  { "a \t\n", "a", "" },
  { " a\n", "a", 0 },
  { " a\n", " a", "" },
  { "  \t\n", "", 0 },
  { "a:b\n", "a:b", "" },
  { "a\nb\nc", "c", "" },
  { "a\r\n", "a", 0 },
  { "\xc4\n", "\xe4", 0 }
};

static struct { char const *text, *name, *value; } const maps[] = {
  { "", "", 0 },
  { "a\n", "a", 0 },
  { ":x\n", "", "x" },
  { "a:\n", "a", "" },
  { "a:b\n", "a", "b" },
  { "A:B\n", "a", "B" },
  { "a:b:c\n", "a", "b:c" },
  { "a: b \n", "a", " b" },
  { "a:1\nA:2\n", "a", "2" },
  { "#a:b\n", "#a", 0 },
  { "a :b\n", "a", 0 },
  { "x@y:z", "x@Y", "z" }
};

static void lists_of_names(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) ask(false, lists[i].text, lists[i].name, lists[i].value);
}

static void maps_of_names(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) ask(true, maps[i].text, maps[i].name, maps[i].value);
}

static void bytes_of_any_kind(void **state)
{
  (void)state;
  struct nameset set = NAMESET_ZERO;
  assert_true(nameset_list(&set, "a\0b\nc\n", 6));
  assert_true(nameset_has(&set, "a\0b", 3));
  assert_false(nameset_has(&set, "a", 1));
  nameset_free(&set);
  assert_false(nameset_has(&set, "a", 1));
}

/* The domain itself first, then ever shorter suffixes with their dots, never the empty name. */
static struct { char const *map, *domain, *value; } const domains[] = {
  { "b.c:1\n.b.c:2\n.c:3\n:4\n", "b.c", "1" },
  { "b.c:1\n.b.c:2\n.c:3\n:4\n", "a.b.c", "2" },
  { "b.c:1\n.b.c:2\n.c:3\n:4\n", "x.c", "3" },
  { "b.c:1\n.b.c:2\n.c:3\n:4\n", "c", 0 },
  { "b.c:1\n.b.c:2\n.c:3\n:4\n", "", 0 },
  { ".b.c:2\n", "xb.c", 0 },
  { ".B.c:2\n", "X.b.C", "2" },
  { ".:5\n", "a.", "5" }
};

static void domains_and_suffixes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
    struct nameset set = NAMESET_ZERO;
    assert_true(nameset_map(&set, domains[i].map, strlen(domains[i].map)));
    struct field value;
    int found = nameset_find_domain(&set, domains[i].domain, strlen(domains[i].domain), &value);
    char const *wanted = domains[i].value;
    if (!found != !wanted || (found && (value.len != strlen(wanted) || memcmp(value.s, wanted, value.len))))
      fail_msg("%s", domains[i].domain);
    nameset_free(&set);
  }
}

static void many_names(void **state)
{
  (void)state;
  static char text[20000 * 8];
  struct nameset set = NAMESET_ZERO;
  char name[16];
  size_t len = 0;
  for (int i = 0; i < 20000; i++) len += (size_t)sprintf(text + len, "n%d\n", i);
  assert_true(nameset_list(&set, text, len));
  assert_int_equal(set.count, 20000);
  for (int i = 0; i < 20001; i++) {
    int n = sprintf(name, "N%d", i);
    assert_int_equal(nameset_has(&set, name, (size_t)n), i < 20000);
  }
  nameset_free(&set);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lists_of_names), cmocka_unit_test(maps_of_names), cmocka_unit_test(bytes_of_any_kind),
    cmocka_unit_test(domains_and_suffixes), cmocka_unit_test(many_names)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
