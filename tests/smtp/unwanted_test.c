/* Lists of unwanted addresses and hosts: what each form of a line fits, what is spared, and that a pattern takes no longer
   than it must. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "unwanted.h"

static struct { char const *lines, *name; int has; } const cases[] = {
  { "", "a@b.example", 0 },
  { "a@b.example\n", "A@B.EXAMPLE", 1 },
  { "A@b.Example\n", "a@b.example", 1 },
  { "a@b.example\n", "aa@b.example", 0 },
  { "@b.example\n", "\"x@y\"@b.example", 1 },
  { "@b.example\n", "a@c.b.example", 0 },
  { "@b.example\n", "a", 0 },
  { ".b.example\n", "a@c.b.example", 1 },
  { ".b.example\n", "a@d.c.b.example", 1 },
  { ".b.example\n", "a@b.example", 0 },
  { ".b.example\n", "c.b.example@x", 0 },
  { ".b.example\n", "host.b.example", 1 },
  { "host.b.example\n", "HOST.b.example", 1 },
  { "*@b.example\n", "a@b.example", 1 },
  { "*@*.b.example\n", "a@c.b.example", 1 },
  { "a*z@b\n", "az@b", 1 },
  { "a*z@b\n", "abzz@b", 1 },
  { "a*z@b\n", "abzy@b", 0 },
  { "??@b\n", "xy@b", 1 },
  { "??@b\n", "x@b", 0 },
  { "*\n", "", 1 },
  { "*?\n", "", 0 },
  { "**a**b**\n", "xaxbx", 1 },
  { "*aab\n", "aaaab", 1 },
  { "@b\n!a@b\n", "a@b", 0 },
  { "@b\n!a@b\n", "c@b", 1 },
  { "!a*@b\n*\n", "abc@b", 0 },
  { "!.b.example\n@c.b.example\n", "a@c.b.example", 0 },
  { "!@b\n", "a@b", 0 },
  { "*\n!\n", "a@b", 1 },
  /* what the name looks like is no matter */
  { "a*@b\n", "a*@b", 1 },
  { "!a@b\n", "!a@b", 0 },
  { ".b\n", ".b", 0 },
};

static int has(char const *lines, char const *name)
{
  struct unwanted u = { .names = NAMESET_ZERO };
  assert_true(nameset_list(&u.names, lines, strlen(lines)));
  int r = unwanted_has(&u, name, strlen(name));
  assert_int_equal(unwanted_has(&u, name, strlen(name)), r);
  free(u.tried);
  nameset_free(&u.names);
  return r;
}

static void lists(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_int_equal(has(cases[i].lines, cases[i].name), cases[i].has);
}

/* What takes a matcher that goes back to every star longer than anybody would wait. */
static void a_pattern_made_to_take_long(void **state)
{
  char pattern[201], name[901];
  clock_t began = clock();
  (void)state;
  for (size_t i = 0; i < 200; i += 2) memcpy(pattern + i, "*a", 2);
  pattern[200] = 'b';
  memset(name, 'a', sizeof name - 1);
  name[900] = 0;
  for (int i = 0; i < 100; i++) assert_false(unwanted_looks_like(pattern, 201, name, 900));
  assert_true(clock() - began < 5 * CLOCKS_PER_SEC);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lists), cmocka_unit_test(a_pattern_made_to_take_long) };
  return cmocka_run_group_tests(tests, 0, 0);
}
