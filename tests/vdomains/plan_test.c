#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "plan.h"

static void make(stralloc *plan)
{
  plan_add(plan, PLAN_MOVE, "/home/vpopmail/domains/.new a", "a.example");
  plan_add(plan, PLAN_ADD, "control/rcpthosts", "a.example");
  plan_add(plan, PLAN_REMOVE, "/gone", "");
  plan_add(plan, PLAN_CARRY, "/here", "/there");
  plan_add(plan, PLAN_PATHS, "/here", "/old:/new");
  plan_add(plan, PLAN_OWN, "/here", "89:1000:1000");
  plan_add(plan, PLAN_ROWS, "/here", "/old:/new:a.example");
}

static void steps_are_read_as_they_were_written(void **state)
{
  static struct plan_step const want[] = {
    { PLAN_MOVE, "/home/vpopmail/domains/.new a", "a.example", 29, 9 },
    { PLAN_ADD, "control/rcpthosts", "a.example", 17, 9 },
    { PLAN_REMOVE, "/gone", "", 5, 0 },
    { PLAN_CARRY, "/here", "/there", 5, 6 },
    { PLAN_PATHS, "/here", "/old:/new", 5, 9 },
    { PLAN_OWN, "/here", "89:1000:1000", 5, 12 },
    { PLAN_ROWS, "/here", "/old:/new:a.example", 5, 19 }
  };
  stralloc plan = STRALLOC_ZERO;
  struct plan_step step;
  size_t at = 0, count = 0;
  (void)state;
  make(&plan);
  plan_end(&plan);
  assert_true(plan_is_whole(plan.s, plan.len));
  for (; plan_next(&step, plan.s, plan.len, &at); count++) {
    assert_true(count < sizeof want / sizeof *want);
    assert_int_equal(step.deed, want[count].deed);
    assert_int_equal(step.path_len, want[count].path_len);
    assert_memory_equal(step.path, want[count].path, step.path_len);
    assert_int_equal(step.object_len, want[count].object_len);
    assert_memory_equal(step.object, want[count].object, step.object_len);
  }
  assert_int_equal(count, sizeof want / sizeof *want);
  stralloc_free(&plan);
}

static void a_part_of_a_plan_is_none(void **state)
{
  stralloc plan = STRALLOC_ZERO;
  (void)state;
  make(&plan);
  plan_end(&plan);
  for (size_t len = 0; len < plan.len; len++) assert_false(plan_is_whole(plan.s, len));
  for (size_t i = 0; i < plan.len; i++) {
    plan.s[i] ^= 1;
    assert_false(plan_is_whole(plan.s, plan.len));
    plan.s[i] ^= 1;
  }
  assert_true(plan_is_whole(plan.s, plan.len));
  stralloc_free(&plan);
}

static void what_is_no_step_makes_no_plan(void **state)
{
  static char const *const steps[] = { "add\tcontrol/rcpthosts\n", "sing\ta\tb\n", "\n", "add\ta\tb\tc\n", "add\ta\tb", "\ta\tb\n" };
  (void)state;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    stralloc plan = STRALLOC_ZERO;
    assert_true(bytes_set(&plan, steps[i]));
    plan_end(&plan);
    if (plan_is_whole(plan.s, plan.len)) fail_msg("taken: %s", steps[i]);
    stralloc_free(&plan);
  }
}

static void control_characters_stand_in_no_plan(void **state)
{
  (void)state;
  assert_true(plan_holds("", 0));
  assert_true(plan_holds("/srv/\xc3\xa4 b", 9));
  assert_false(plan_holds("a\tb", 3));
  assert_false(plan_holds("a\nb", 3));
  assert_false(plan_holds("a\0b", 3));
  assert_false(plan_holds("\x7f", 1));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(steps_are_read_as_they_were_written),
    cmocka_unit_test(a_part_of_a_plan_is_none),
    cmocka_unit_test(what_is_no_step_makes_no_plan),
    cmocka_unit_test(control_characters_stand_in_no_plan)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
