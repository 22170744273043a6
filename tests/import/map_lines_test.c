#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "map_lines.h"
#include "text.h"

static struct line { size_t number; char const *key, *value; } const blanks[] = {
  { 2, "a@b", "c, d,\n  e" }, { 7, "key", ":[x]" }, { 8, "k:e", "v" }, { 9, "a b", "v" }, { 10, "alone", "" }, { 11, "\"open", "" }, { 0, 0, 0 }
};
static char const BLANKS[] = "# x\na@b\tc, d,\n# between\n\n  e\n \nkey :[x]\r\nk:e v\n\"a b\" v\nalone\n\"open";

static struct line const colons[] = {
  { 1, "a", "b: c" }, { 2, "d", "e" }, { 3, "f g", "h" }, { 4, "", "x" }, { 0, 0, 0 }
};
static char const COLONS[] = "a: b: c\nd :e\n\"f g\": h\n:x\n";

static void look(char const *text, size_t len, bool has_colons, struct line const *wanted)
{
  struct map_lines m = { .in = { text, len }, .colons = has_colons };
  for (; wanted->key; wanted++) {
    assert_true(map_lines_next(&m));
    assert_int_equal(m.number, wanted->number);
    assert_true(field_is(m.key, wanted->key));
    assert_true(field_is(m.value, wanted->value));
  }
  assert_false(map_lines_next(&m));
  stralloc_free(&m.text);
}

static void lines(void **state)
{
  (void)state;
  look(BLANKS, sizeof BLANKS - 1, false, blanks);
  look(COLONS, sizeof COLONS - 1, true, colons);
}

static void values(void **state)
{
  struct field rest = field_of(" a,b  c ,\t\"d e\"@f, g\\,h");
  static char const *const wanted[] = { "a", "b", "c", "\"d e\"@f", "g\\,h", "", "" };
  (void)state;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) assert_true(field_is(map_value_next(&rest), wanted[i]));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines), cmocka_unit_test(values) };
  return cmocka_run_group_tests(tests, 0, 0);
}
