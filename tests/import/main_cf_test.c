#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "main_cf.h"
#include "text.h"

static char const FILE_TEXT[] =
  "# comment\nmyhostname = a.example\n\nmydomain=b.example\nlist = $myhostname,\n  # between\n\t$mydomain\n   last\nno sign\n"
  "braces = ${myhostname} $(mydomain) $$ ${none} x${none?y}${none:z}${mydomain?w$myhostname}${mydomain:v}\n"
  "loop = $loop\nopen = ${myhostname\nempty =\nmydomain = c.example\ndeep = ${empty:${none:$myhostname}}\nend = x$";

static struct { char const *name, *value; bool sound; } const cases[] = {
  { "myhostname", "a.example", true },
  { "mydomain",   "c.example", true },
  { "list",       "a.example,  c.example    last", true },
  { "braces",     "a.example c.example $  xzwa.example", true },
  { "deep",       "a.example", true },
  { "empty",      "", true },
  { "given",      "here", true },
  { "loop",       "", false },
  { "open",       "", false },
  { "end",        "x", false },
};

static void values(void **state)
{
  struct main_cf cf = MAIN_CF_ZERO;
  stralloc value = STRALLOC_ZERO;
  (void)state;
  main_cf_default(&cf, "given", "here");
  main_cf_default(&cf, "myhostname", "not.this");
  main_cf_read(&cf, FILE_TEXT, sizeof FILE_TEXT - 1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct main_cf_setting const *one = main_cf_find(&cf, cases[i].name, strlen(cases[i].name));
    assert_non_null(one);
    assert_int_equal(main_cf_value(&value, &cf, one), cases[i].sound);
    assert_string_equal(value.s, cases[i].value);
  }
  assert_null(main_cf_find(&cf, "no sign", 7));
  assert_int_equal(main_cf_find(&cf, "list", 4)->line, 5);
  stralloc_free(&value);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(values) };
  return cmocka_run_group_tests(tests, 0, 0);
}
