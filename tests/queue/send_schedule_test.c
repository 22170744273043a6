/* The retry schedule to the second. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send_schedule.h"

static struct { uint64_t n, root; } const roots[] = {
  { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 2 }, { 8, 2 }, { 9, 3 }, { 99, 9 }, { 100, 10 }, { 604800, 777 },
  { UINT64_C(4294967296), 65536 }, { UINT64_C(4294967295), 65535 }, { UINT64_MAX, UINT32_MAX },
  { UINT64_C(18446744065119617025), UINT32_MAX }, { UINT64_C(18446744065119617024), UINT32_MAX - 1 }
};

static void test_root(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) assert_int_equal(schedule_root(roots[i].n), roots[i].root);
}

static uint64_t const birth = 1700000000;

/* Attempts of a message that always fails at once: qmail-send(8), Retries. */
static void test_attempts(void **state)
{
  (void)state;
  static uint64_t const local[] = { 0, 100, 400, 900, 1600, 2500, 3600, 4900, 6400, 8100 };
  static uint64_t const remote[] = { 0, 400, 1600, 3600, 6400, 10000, 14400, 19600, 25600, 32400 };
  for (size_t i = 0; i + 1 < sizeof local / sizeof *local; i++) {
    assert_int_equal(schedule_next(birth, birth + local[i], CHANNEL_LOCAL), birth + local[i + 1]);
    assert_int_equal(schedule_next(birth, birth + remote[i], CHANNEL_REMOTE), birth + remote[i + 1]);
  }
}

static void test_odd_times(void **state)
{
  (void)state;
  /* a birth in the future counts as now */
  assert_int_equal(schedule_next(birth, birth - 50, CHANNEL_LOCAL), birth + 100);
  assert_int_equal(schedule_next(birth, birth + 99, CHANNEL_LOCAL), birth + 19 * 19);
  /* nothing becomes the word for never */
  assert_int_equal(schedule_next(UINT64_MAX, birth, CHANNEL_LOCAL), SCHEDULE_NEVER - 1);
  assert_int_equal(schedule_next(0, UINT64_MAX, CHANNEL_REMOTE), SCHEDULE_NEVER - 1);
}

static void test_last(void **state)
{
  (void)state;
  assert_false(schedule_last(birth, birth, 0));
  assert_true(schedule_last(birth, birth + 1, 0));
  assert_false(schedule_last(birth, birth + 604800, 604800));
  assert_true(schedule_last(birth, birth + 604801, 604800));
  assert_false(schedule_last(birth, birth - 1, 604800));
  assert_false(schedule_last(birth, UINT64_MAX, UINT64_MAX));
}

/* Usual mail is a case of it, as long as it is remote. */
static void test_other_schedules(void **state)
{
  (void)state;
  static struct { uint64_t first, longest, attempts[6]; } const others[] = {
    { 300, 300, { 0, 300, 600, 900, 1200, 1500 } },
    { 1, 10, { 0, 1, 4, 9, 16, 25 } },
    { 3600, 4000, { 0, 3600, 7600, 11600, 15600, 19600 } },
  };
  for (uint64_t age = 0; age < 3000000; age = age * 11 / 10 + 7)
    assert_int_equal(schedule_next_by(birth, birth + age, SCHEDULE_FIRST_REMOTE, UINT64_MAX), schedule_next(birth, birth + age, CHANNEL_REMOTE));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    for (int k = 0; k < 5; k++)
      assert_int_equal(schedule_next_by(birth, birth + others[i].attempts[k], others[i].first, others[i].longest), birth + others[i].attempts[k + 1]);
  for (uint64_t first = 1; first <= 604800; first = first * 3 / 2 + 1)
    for (uint64_t age = 0; age < 3000000; age = age * 5 / 4 + 3) {
      uint64_t next = schedule_next_by(birth, birth + age, first, UINT64_MAX);
      assert_true(next > birth + age && next - (birth + age) <= schedule_longest_by(birth, birth + age, 604800, first));
      assert_true(schedule_next_by(birth, birth + age, first, 10) <= birth + age + 10);
    }
  assert_int_equal(schedule_next_by(UINT64_MAX, birth, 60, UINT64_MAX), SCHEDULE_NEVER - 1);
  assert_int_equal(schedule_next_by(0, UINT64_MAX, 60, UINT64_MAX), SCHEDULE_NEVER - 1);
  assert_int_equal(schedule_next_by(birth, birth - 50, 60, UINT64_MAX), birth + 60);
}

/* Whatever schedule_next plans is possible, and little else. */
static void test_longest(void **state)
{
  (void)state;
  for (int c = 0; c < CHANNELS; c++)
    for (uint64_t age = 0; age < 30 * 86400; age += 12345) {
      uint64_t next = schedule_next(birth, birth + age, (enum channel)c);
      assert_true(next - (birth + age) <= schedule_longest(birth, birth + age, 604800, (enum channel)c));
      assert_true(next - (birth + age) <= schedule_longest(birth, birth + age, 0, (enum channel)c));
    }
  assert_true(schedule_longest(birth, birth, 604800, CHANNEL_REMOTE) < 9 * 3600);
  assert_true(schedule_longest(birth, birth - 5, 0, CHANNEL_LOCAL) < 9 * 3600);
}

/* Only time in which somebody might have tried counts. */
static void test_birth(void **state)
{
  (void)state;
  uint64_t const day = 86400, year = 365 * day, now = birth + 56 * year;
  static struct { int64_t birth, latest, counts; } const cases[] = {
    { -100, 0, -100 },                                  /* never tried, just come */
    { 100, 0, 0 },                                      /* from the future */
    { 100, 500, 0 },
    { -56 * 365 * 86400LL, 0, 0 },                      /* never tried, accepted in another age */
    { -56 * 365 * 86400LL, -56 * 365 * 86400LL + 400, -400 },   /* planned there too */
    { -56 * 365 * 86400LL, -10, -56 * 365 * 86400LL },
    { -6 * 86400, -3600, -6 * 86400 },
    { -6 * 86400, 3600, -6 * 86400 },
    { -8 * 86400, -2 * 86400, -6 * 86400 },             /* down for two days */
    { -86400, 0, 0 },
    { -86399, 0, -86399 }
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t latest = cases[i].latest ? now + (uint64_t)cases[i].latest : 0;
    assert_int_equal(schedule_birth(now + (uint64_t)cases[i].birth, latest, now), now + (uint64_t)cases[i].counts);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_root),
    cmocka_unit_test(test_attempts),
    cmocka_unit_test(test_odd_times),
    cmocka_unit_test(test_other_schedules), cmocka_unit_test(test_last),
    cmocka_unit_test(test_longest),
    cmocka_unit_test(test_birth)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
