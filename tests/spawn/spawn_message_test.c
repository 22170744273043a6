/* Names of messages, and how much of them may be in memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "spawn_message.h"

static struct spawn_copies copies;

static int begin(void **state)
{
  (void)state;
  return spawn_copies_begin(&copies) ? 0 : -1;
}

static void a_name_is_digits_and_slashes(void **state)
{
  (void)state;
  char longest[SPAWN_MESSID_MAX + 2];
  memset(longest, '1', sizeof longest - 1);
  longest[sizeof longest - 1] = 0;
  struct { char const *messid, *says; } const cases[] = {
    { "", "too short" },
    { "/1", "nonnumerics" }, { "/etc/passwd", "nonnumerics" }, { "1/../2", "nonnumerics" }, { "1/a", "nonnumerics" },
    { " 1", "nonnumerics" }, { "1\n", "nonnumerics" }, { "-1", "nonnumerics" },
    { longest, "too long" }, { longest + 1, "unable to open" },
    { "0/0", "unable to open" }
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct queue_message m = { .fd = -1 };
    char const *problem = spawn_message_open(&m, cases[i].messid, 0);
    assert_non_null(problem);
    if (!strstr(problem, cases[i].says)) fail_msg("%s: %s", cases[i].messid, problem);
    assert_int_equal(*problem, strstr(problem, "unable") ? 'Z' : 'D');
  }
}

static void memory_is_bounded_for_each_and_for_all(void **state)
{
  (void)state;
  static struct { uint64_t len; size_t taken; } const cases[] = {
    { 0, 0 }, { 1, 1 }, { SPAWN_MEMORY_EACH - 1, SPAWN_MEMORY_EACH - 1 }, { SPAWN_MEMORY_EACH, SPAWN_MEMORY_EACH },
    { SPAWN_MEMORY_EACH + 1, 0 }, { UINT64_MAX, 0 }
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(spawn_memory_take(&copies, cases[i].len), cases[i].taken);
    spawn_memory_give_back(&copies, cases[i].taken);
    assert_int_equal(copies.in_memory, 0);
  }
  for (size_t n = 0; n < SPAWN_MEMORY_ALL / SPAWN_MEMORY_EACH; n++)
    assert_int_equal(spawn_memory_take(&copies, SPAWN_MEMORY_EACH), SPAWN_MEMORY_EACH);
  assert_int_equal(spawn_memory_take(&copies, 1), 0);
  spawn_memory_give_back(&copies, SPAWN_MEMORY_EACH);
  assert_int_equal(spawn_memory_take(&copies, SPAWN_MEMORY_EACH), SPAWN_MEMORY_EACH);
  assert_int_equal(copies.in_memory, SPAWN_MEMORY_ALL);
}

static void so_is_the_last_resort(void **state)
{
  (void)state;
  enum { FIT = SPAWN_RESORT_ALL / SPAWN_RESORT_EACH };
  assert_false(spawn_resort_take(&copies, 0, SPAWN_RESORT_EACH + 1));
  assert_false(spawn_resort_take(&copies, 0, UINT64_MAX));
  for (size_t slot = 0; slot < FIT; slot++) assert_true(spawn_resort_take(&copies, slot, SPAWN_RESORT_EACH));
  assert_false(spawn_resort_take(&copies, SPAWN_SLOTS - 1, 1));
  spawn_copy_forget(&copies, 2);
  assert_true(spawn_resort_take(&copies, SPAWN_SLOTS - 1, SPAWN_RESORT_EACH));
  assert_false(spawn_resort_take(&copies, 2, 1));
}

static void a_copy_that_failed_is_known_until_it_is_forgotten(void **state)
{
  (void)state;
  assert_false(spawn_copy_failed(&copies, 9));
  spawn_copy_fail(&copies, 9);
  assert_true(spawn_copy_failed(&copies, 9));
  assert_false(spawn_copy_failed(&copies, 8));
  spawn_copy_forget(&copies, 9);
  assert_false(spawn_copy_failed(&copies, 9));
}

static void a_copy_is_the_message_alone_and_for_reading(void **state)
{
  (void)state;
  char got[20];
  int file = spawn_message_new();
  assert_true(file != -1);
  assert_int_equal(write(file, "message and envelope", 20), 20);
  struct queue_message m = { .fd = file, .message_len = 7 };
  int alone = spawn_message_alone(&copies, 5, &m, true);
  assert_true(alone != -1);
  assert_int_equal(read(alone, got, sizeof got), 7);
  assert_memory_equal(got, "message", 7);
  assert_int_equal(write(alone, "x", 1), -1);
  m.message_len = 21;                                  /* the file ends before */
  assert_int_equal(spawn_message_alone(&copies, 5, &m, true), -1);
  close(alone);
  close(file);
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_name_is_digits_and_slashes),
    cmocka_unit_test(memory_is_bounded_for_each_and_for_all),
    cmocka_unit_test(so_is_the_last_resort),
    cmocka_unit_test(a_copy_that_failed_is_known_until_it_is_forgotten),
    cmocka_unit_test(a_copy_is_the_message_alone_and_for_reading)
  };
  return cmocka_run_group_tests(tests, begin, 0);
}
