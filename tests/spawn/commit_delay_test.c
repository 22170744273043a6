/* How long a delivery waits for the next message. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "commit_delay.h"

enum { BOOT = 1000000000 };

/* Messages a and b, a gap apart, after deliveries that took work: what a delivery of b waits. */
static uint32_t after(int64_t gap, int64_t work)
{
  struct commit_delay p = { .work = 0 };
  commit_delay_begin(&p, "1/a", BOOT);
  commit_delay_learn(&p, work);
  commit_delay_begin(&p, "1/b", BOOT + gap);
  return commit_delay_now(&p);
}

static void as_long_as_the_last_gap(void **state)
{
  (void)state;
  static struct { int64_t gap, work; uint32_t wait; } const cases[] = {
    { 540, 300, 540 },
    { 5000, 2000, 5000 },
    { 0, 300, 0 },
    { 2400, 300, 2400 }, { 2401, 300, 0 },                 /* COMMIT_DELAY_WORTH */
    { 49999, 100000, 49999 }, { 50000, 100000, 50000 }, { 50001, 100000, 0 },
    { 540, 0, 0 },
    { INT64_MAX - BOOT, INT64_MAX / COMMIT_DELAY_WORTH, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (after(cases[i].gap, cases[i].work) != cases[i].wait)
      fail_msg("gap %jd, work %jd: waits %u", (intmax_t)cases[i].gap, (intmax_t)cases[i].work,
               after(cases[i].gap, cases[i].work));
}

static void the_first_message_waits_for_nobody(void **state)
{
  (void)state;
  struct commit_delay p = { .work = 0 };
  commit_delay_learn(&p, 1000000);
  commit_delay_begin(&p, "1/a", BOOT);
  assert_int_equal(commit_delay_now(&p), 0);
}

static void deliveries_of_one_message_wait_alike(void **state)
{
  (void)state;
  struct commit_delay p = { .work = 300 };
  commit_delay_begin(&p, "1/a", BOOT);
  commit_delay_begin(&p, "1/b", BOOT + 540);
  commit_delay_begin(&p, "1/b", BOOT + 550);
  assert_int_equal(commit_delay_now(&p), 540);
  commit_delay_begin(&p, "1/c", BOOT + 1100);
  assert_int_equal(commit_delay_now(&p), 560);
}

static void a_name_may_be_longer_than_what_counts(void **state)
{
  (void)state;
  struct commit_delay p = { .work = 300 };
  char name[300];
  memset(name, '1', sizeof name - 1);
  name[sizeof name - 1] = 0;
  commit_delay_begin(&p, name, BOOT);
  commit_delay_begin(&p, name, BOOT + 540);
  assert_int_equal(commit_delay_now(&p), 0);
  commit_delay_begin(&p, name + sizeof name - 1 - COMMIT_DELAY_NAME_MAX + 1, BOOT + 540);
  assert_int_equal(commit_delay_now(&p), 540);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(as_long_as_the_last_gap),
    cmocka_unit_test(the_first_message_waits_for_nobody),
    cmocka_unit_test(deliveries_of_one_message_wait_alike),
    cmocka_unit_test(a_name_may_be_longer_than_what_counts),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
