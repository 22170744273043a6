#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "window.h"

enum { HOUR = 3600, START = 494000 * HOUR };

static void what_counts(void **state)
{
  struct window w = { 0, 0, 0 };
  (void)state;
  assert_int_equal(window_count(&w, START, HOUR), 0);
  window_add(&w, START + 1800, HOUR, 100);
  struct { uint32_t after, count; } const told[] = {
    { 1800, 100 }, { 3599, 100 }, { 3600, 100 }, { 4500, 75 }, { 5400, 50 }, { 7199, 1 }, { 7200, 0 }, { 99999, 0 }
  };
  for (size_t i = 0; i < sizeof told / sizeof *told; i++)
    assert_int_equal(window_count(&w, (uint64_t)START + told[i].after, HOUR), told[i].count);
}

static void a_clock_set_back(void **state)
{
  struct window w = { 0, 0, 0 };
  (void)state;
  window_add(&w, START, HOUR, 100);
  assert_int_equal(window_count(&w, START - 1, HOUR), 100);      /* by a second: nobody has his hour anew */
  window_add(&w, START - 1, HOUR, 1);
  assert_int_equal(window_count(&w, START, HOUR), 101);
  assert_int_equal(window_count(&w, START - 2 * HOUR, HOUR), 0);  /* by hours: what was counted then is unknown */
}

static void what_is_taken_back(void **state)
{
  struct window w = { 0, 0, 0 };
  (void)state;
  window_add(&w, START, HOUR, 10);
  window_take_back(&w, START, HOUR, 4);
  assert_int_equal(window_count(&w, START, HOUR), 6);
  window_add(&w, START + HOUR, HOUR, 1);
  window_take_back(&w, START + HOUR, HOUR, 3);
  assert_int_equal(window_count(&w, START + HOUR, HOUR), 4);
  window_take_back(&w, START + HOUR, HOUR, 100);
  assert_int_equal(window_count(&w, START + HOUR, HOUR), 0);
}

static void numbers_end_somewhere(void **state)
{
  struct window w = { 0, 0, 0 };
  (void)state;
  window_add(&w, START, HOUR, UINT32_MAX);
  window_add(&w, START, HOUR, UINT32_MAX);
  assert_int_equal(window_count(&w, START, HOUR), UINT32_MAX);
  window_add(&w, START + HOUR, HOUR, UINT32_MAX);
  assert_int_equal(window_count(&w, START + HOUR, HOUR), UINT32_MAX);
}

/* Whatever was counted: who waits so long may, and a second before he may not. */
static void the_wait_is_exact(void **state)
{
  (void)state;
  srandom(1);
  for (int i = 0; i < 200000; i++) {
    uint32_t seconds = random() % 2 ? 60 : HOUR, most = 1 + (uint32_t)(random() % 200), n = 1 + (uint32_t)(random() % most);
    uint64_t t = START + (uint64_t)(random() % (2 * HOUR));
    struct window const w = { (uint32_t)(t / seconds) - (uint32_t)(random() % 3), (uint32_t)(random() % 300), (uint32_t)(random() % 300) };
    uint32_t wait = window_wait(&w, t, seconds, n, most);
    assert_true(window_count(&w, t + wait, seconds) + n <= most);
    if (wait) assert_true(window_count(&w, t + wait - 1, seconds) + n > most);
    assert_true(wait <= 3 * seconds);
  }
}

static void more_than_can_ever_be_waits_like_all(void **state)
{
  struct window w = { 0, 0, 0 };
  (void)state;
  assert_int_equal(window_wait(&w, START, HOUR, 50, 10), 0);
  window_add(&w, START, HOUR, 1);
  assert_int_equal(window_wait(&w, START, HOUR, 50, 10), window_wait(&w, START, HOUR, 10, 10));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_counts), cmocka_unit_test(a_clock_set_back), cmocka_unit_test(what_is_taken_back),
    cmocka_unit_test(numbers_end_somewhere), cmocka_unit_test(the_wait_is_exact), cmocka_unit_test(more_than_can_ever_be_waits_like_all)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
