#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "domain.h"

static char const assign[] =
  "# people\n"
  "=joe:joe:1000:1000:/home/joe:::\n"
  "+joe-:joe:1000:1000:/home/joe:-::\n"
  "+A.Example-:a.example:89:89:/home/vpopmail/domains/a.example:-::\n"
  "+b.example-:a.example:89:89:/home/vpopmail/domains/a.example:-::  \n"
  "+broken.example-:a.example:x:89:/home:-::\n"
  "+short.example-:a\n"
  "+c.example-:c.example:1000:1000:/home/joe/domains/c.example:-::\n"
  ".\n"
  "+behind.example-:d.example:89:89:/d:-::\n";

static struct { char const *name, *real, *dir; uid_t uid; bool alias; } const want[] = {
  { "a.example", "a.example", "/home/vpopmail/domains/a.example", 89, false },
  { "b.example", "a.example", "/home/vpopmail/domains/a.example", 89, true },
  { "c.example", "c.example", "/home/joe/domains/c.example", 1000, false }
};

static void domains_are_found_among_other_lines(void **state)
{
  struct domain d = DOMAIN_ZERO;
  stralloc text = STRALLOC_ZERO;
  size_t at = 0, count = 0;
  (void)state;
  assert_true(bytes_set(&text, assign));
  for (; domain_next(&d, &text, &at); count++) {
    assert_true(count < sizeof want / sizeof *want);
    assert_string_equal(d.name.s, want[count].name);
    assert_string_equal(d.real.s, want[count].real);
    assert_string_equal(d.dir.s, want[count].dir);
    assert_int_equal(d.uid, want[count].uid);
    assert_int_equal(d.gid, want[count].uid);
    assert_int_equal(domain_is_alias(&d), want[count].alias);
  }
  assert_int_equal(count, sizeof want / sizeof *want);
}

static void a_line_is_read_as_it_was_written(void **state)
{
  struct domain d = DOMAIN_ZERO;
  stralloc text = STRALLOC_ZERO, line = STRALLOC_ZERO;
  size_t at = 0;
  (void)state;
  assert_true(bytes_set(&text, "+b.example-:a.example:89:90:/home/vpopmail/domains/0/a.example:-::\n"));
  assert_true(domain_next(&d, &text, &at));
  domain_line(&line, &d);
  assert_int_equal(line.len, text.len - 1);
  assert_memory_equal(line.s, text.s, line.len);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(domains_are_found_among_other_lines),
    cmocka_unit_test(a_line_is_read_as_it_was_written)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
