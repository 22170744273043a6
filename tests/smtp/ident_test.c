#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ident.h"

static struct { char const *answer, *name; } const cases[] = {
  { "", "" },
  { "\r\n", "" },
  { "::", "" },
  { ":::", "" },
  { ":::\r\n", "" },
  { "6195, 23 : ERROR : NO-USER\r\n", "" },
  { "6195, 23 : USERID : UNIX\r\n : joe", "" },
  { "6195, 23 : USERID : UNIX : joe\r\n", "joe" },
  { "6195,23:USERID:UNIX:joe", "joe" },
  { "1,2:USERID:OTHER,US-ASCII: \t jo\te b:c \r\nmore", "joeb:c" },
};

static void test_answers(void **state)
{
  char name[IDENT_MAX];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t len = ident_parse(name, cases[i].answer, strlen(cases[i].answer));
    assert_int_equal(len, strlen(cases[i].name));
    assert_memory_equal(name, cases[i].name, len);
  }
}

static void test_nul_is_no_part_of_a_name(void **state)
{
  char name[IDENT_MAX];
  (void)state;
  assert_int_equal(ident_parse(name, ":::a\0b", 6), 2);
  assert_memory_equal(name, "ab", 2);
}

static void test_the_bound(void **state)
{
  char name[IDENT_MAX + 1] = { 0 }, answer[3 + IDENT_MAX + 1];
  (void)state;
  memset(answer, 'x', sizeof answer);
  memset(answer, ':', 3);
  assert_int_equal(ident_parse(name, answer, 3 + IDENT_MAX - 1), IDENT_MAX - 1);
  assert_int_equal(ident_parse(name, answer, 3 + IDENT_MAX), IDENT_MAX);
  assert_int_equal(ident_parse(name, answer, 3 + IDENT_MAX + 1), IDENT_MAX);
  assert_int_equal(name[IDENT_MAX], 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_answers), cmocka_unit_test(test_nul_is_no_part_of_a_name), cmocka_unit_test(test_the_bound)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
