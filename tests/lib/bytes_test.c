/* What a string is after each call, with a length of 0 above all: there the releases of skalibs part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bytes.h"

static void holds(stralloc *text, char const *expected, size_t len)
{
  assert_int_equal(text->len, len);
  assert_memory_equal(text->s, expected, len);
  stralloc_free(text);
}

static stralloc filled(void)
{
  stralloc text = STRALLOC_ZERO;
  assert_true(bytes_set(&text, "old"));
  return text;
}

static void nothing_takes_the_place_of_something(void **state)
{
  (void)state;
  stralloc none = STRALLOC_ZERO;
  stralloc a = filled(), b = filled(), c = filled();
  assert_true(bytes_setb(&a, "", 0) && bytes_set(&b, "") && bytes_setx(&c, &none));
  holds(&a, "", 0);
  holds(&b, "", 0);
  holds(&c, "", 0);
}

static void nothing_is_added(void **state)
{
  (void)state;
  stralloc none = STRALLOC_ZERO;
  stralloc text = filled();
  assert_true(bytes_add(&text, "") && bytes_addb(&text, 0, 0) && bytes_addx(&text, &none) && bytes_insertb(&text, 1, "", 0));
  holds(&text, "old", 3);
}

static void an_empty_text_has_an_address(void **state)
{
  (void)state;
  stralloc text = STRALLOC_ZERO;
  assert_true(bytes_set(&text, ""));
  assert_non_null(text.s);
  assert_true(bytes_z(&text));
  assert_string_equal(text.s, "");
  holds(&text, "", 0);
}

static void texts_grow_at_both_ends(void **state)
{
  (void)state;
  stralloc text = filled();
  assert_true(bytes_addc(&text, '-') && bytes_insertb(&text, 0, "very ", 5) && bytes_insertb(&text, text.len, "er", 2));
  holds(&text, "very old-er", 11);
}

static void a_text_is_added_to_itself(void **state)
{
  (void)state;
  stralloc text = filled();
  for (int i = 0; i < 5; i++) assert_true(bytes_addx(&text, &text));
  assert_int_equal(text.len, 96);
  assert_memory_equal(text.s + 93, "old", 3);
  stralloc_free(&text);
}

static void a_NUL_counts_or_does_not(void **state)
{
  (void)state;
  stralloc counted = filled(), hidden = filled();
  assert_true(bytes_end(&counted) && bytes_z(&hidden));
  assert_int_equal(hidden.s[3], 0);
  holds(&counted, "old", 4);
  holds(&hidden, "old", 3);
}

static void no_more_than_memory_can_hold(void **state)
{
  (void)state;
  stralloc text = filled();
  errno = 0;
  assert_false(bytes_room(&text, SIZE_MAX - 1));
  assert_int_equal(errno, ENOMEM);
  holds(&text, "old", 3);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(nothing_takes_the_place_of_something),
    cmocka_unit_test(nothing_is_added),
    cmocka_unit_test(an_empty_text_has_an_address),
    cmocka_unit_test(texts_grow_at_both_ends),
    cmocka_unit_test(a_text_is_added_to_itself),
    cmocka_unit_test(a_NUL_counts_or_does_not),
    cmocka_unit_test(no_more_than_memory_can_hold),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
