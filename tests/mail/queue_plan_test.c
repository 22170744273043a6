/* A plan is what was packed, or damaged; one bit is enough to tell. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "queue_plan.h"

static struct queue_plan const plans[] = {
  { 0, 0, true }, { 1, 0, false }, { 1, 0, true }, { 1700000000, 0, false }, { 1700000000, 168, true },
  { QUEUE_DUE_MAX, QUEUE_HOURS_MAX, true }, { QUEUE_NEVER, 0, false }, { QUEUE_NEVER, QUEUE_HOURS_MAX, true }
};
static uint32_t const salts[] = { 0, 1, 0xdeadbeef, UINT32_MAX };
enum { PLANS = sizeof plans / sizeof *plans, SALTS = sizeof salts / sizeof *salts };

static void test_both_ways(void **state)
{
  (void)state;
  for (size_t i = 0; i < PLANS; i++)
    for (size_t s = 0; s < SALTS; s++) {
      struct queue_plan p;
      assert_int_equal(queue_plan_unpack(&p, queue_plan_pack(plans + i, salts[s]), salts[s]), QUEUE_PLAN_CHECKED);
      assert_int_equal(p.due, plans[i].due);
      assert_int_equal(p.hours, plans[i].hours);
      assert_int_equal(p.on_hold, plans[i].on_hold);
    }
}

static void test_no_plan_is_zero(void **state)
{
  (void)state;
  struct queue_plan p;
  assert_int_equal(queue_plan_pack(&(struct queue_plan){ 0, 7, false }, 5), 0);
  assert_int_equal(queue_plan_unpack(&p, 0, 5), QUEUE_PLAN_PLAIN);
  assert_int_equal(p.due, 0);
  assert_false(p.on_hold);
}

static void test_cut(void **state)
{
  (void)state;
  struct queue_plan p;
  uint64_t number = queue_plan_pack(&(struct queue_plan){ UINT64_MAX, 10000, false }, 5);
  assert_int_equal(queue_plan_unpack(&p, number, 5), QUEUE_PLAN_CHECKED);
  assert_int_equal(p.due, QUEUE_DUE_MAX);
  assert_int_equal(p.hours, QUEUE_HOURS_MAX);
}

static void test_one_bit(void **state)
{
  (void)state;
  for (size_t i = 0; i < PLANS; i++)
    for (size_t s = 0; s < SALTS; s++)
      for (int bit = 0; bit < 64; bit++) {
        struct queue_plan p;
        uint64_t number = queue_plan_pack(plans + i, salts[s]) ^ (uint64_t)1 << bit;
        if (queue_plan_unpack(&p, number, salts[s]) != QUEUE_PLAN_DAMAGED) fail_msg("plan %zu bit %d", i, bit);
      }
}

/* A plan of another file or channel is none. */
static void test_salt(void **state)
{
  (void)state;
  struct queue_plan p;
  uint64_t number = queue_plan_pack(plans + 4, 7);
  assert_int_equal(queue_plan_unpack(&p, number, 8), QUEUE_PLAN_DAMAGED);
}

static void test_plain(void **state)
{
  (void)state;
  static uint64_t const numbers[] = { 1, 77, 1700000000, QUEUE_DUE_MAX, QUEUE_NEVER };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct queue_plan p;
    assert_int_equal(queue_plan_unpack(&p, numbers[i], 5), QUEUE_PLAN_PLAIN);
    assert_int_equal(p.due, numbers[i]);
    assert_int_equal(p.hours, QUEUE_HOURS_MAX);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_both_ways),
    cmocka_unit_test(test_no_plan_is_zero),
    cmocka_unit_test(test_cut),
    cmocka_unit_test(test_one_bit),
    cmocka_unit_test(test_salt),
    cmocka_unit_test(test_plain)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
