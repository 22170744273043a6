#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "fields.h"

static void splitting(void **state)
{
  struct { char const *line; size_t max, count; char const *last; } const cases[] = {
    { "", 3, 1, "" }, { ":", 3, 2, "" }, { "a", 3, 1, "a" }, { "a:b", 3, 2, "b" }, { "a:b:c", 3, 3, "c" },
    { "a:b:c:d:", 3, 3, "c:d:" }, { "a:b", 1, 1, "a:b" }, { ":::", 4, 4, "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct field parts[4];
    size_t n = fields_split(parts, cases[i].max, cases[i].line, strlen(cases[i].line));
    assert_int_equal(n, cases[i].count);
    assert_int_equal(parts[n - 1].len, strlen(cases[i].last));
    assert_memory_equal(parts[n - 1].s, cases[i].last, parts[n - 1].len);
  }
}

static void ids(void **state)
{
  struct { char const *s; bool is_id, is_zero; } const cases[] = {
    { "", false, true }, { "0", true, true }, { "00", true, true }, { "1", true, false }, { "x", false, false },
    { "1 ", false, false }, { "+1", false, false }, { "4294967294", true, false }, { "4294967295", false, false },
    { "99999999999999999999999", false, false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct field f = { cases[i].s, strlen(cases[i].s) };
    assert_int_equal(field_is_id(f), cases[i].is_id);
    assert_int_equal(field_is_zero(f), cases[i].is_zero);
  }
}

static void words_and_comparisons(void **state)
{
  (void)state;
  struct field rest = { " one\ttwo \r", 10 }, none = { 0, 0 };
  struct field word = field_word(&rest);
  assert_true(field_is(word, "one") && !field_is(word, "on") && !field_is(word, "ones"));
  assert_true(field_is(field_word(&rest), "two"));
  assert_int_equal(field_word(&rest).len, 0);
  assert_int_equal(rest.len, 0);
  assert_int_equal(field_word(&none).len, 0);
  assert_true(field_is(field_trimmed((struct field){ "\t a b\r\n\0", 8 }), "a b"));
  assert_true(!field_trimmed(none).len && !field_trimmed(field_of(" \n")).len);
  assert_true(field_same(none, rest) && !field_same(word, rest) && field_same(word, (struct field){ "one", 3 }));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(splitting), cmocka_unit_test(ids), cmocka_unit_test(words_and_comparisons) };
  return cmocka_run_group_tests(tests, 0, 0);
}
