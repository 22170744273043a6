/* When deliveries have to have ended, by a clock that is told. */

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "spawn_deadline.h"

enum { NOW = 1000000 };

static struct spawn_deliveries all;
static struct agent_pool pool;

static void the_next_one_says_how_long_to_wait(void **state)
{
  (void)state;
  static struct { unsigned long seconds[3]; int wait; } const cases[] = {
    { { 0, 0, 0 }, -1 },
    { { 5, 0, 0 }, 5000 },
    { { 7, 6, 5 }, 5000 },
    { { 0, 6, 7 }, 6000 },
    { { INT_MAX, 0, 0 }, INT_MAX },
    { { ULONG_MAX, 0, 0 }, INT_MAX },
    { { INT_MAX / 1000, 0, 0 }, INT_MAX / 1000 * 1000 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct spawn_delivery d[3] = { { .output_fd = -1 }, { .output_fd = -1 }, { .output_fd = -1 } };
    for (size_t n = 0; n < 3; n++) {
      spawn_deadline_set(d + n, NOW, cases[i].seconds[n]);
      spawn_delivery_runs(&all, d + n, 0, -1);
    }
    int wait = spawn_deadline_steps(&all, &pool, NOW);
    if (wait != cases[i].wait) fail_msg("case %zu: %d", i, wait);
    while (spawn_delivery_take_ended(&all)) ;
  }
  assert_int_equal(spawn_deadline_steps(&all, &pool, NOW), -1);
}

/* One that takes no notice of SIGTERM, in a group of its own. */
static pid_t stubborn(void)
{
  int ready[2];
  char c;
  assert_int_equal(pipe(ready), 0);
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    signal(SIGTERM, SIG_IGN);
    if (write(ready[1], "", 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(ready[1]);
  assert_int_equal(read(ready[0], &c, 1), 1);
  close(ready[0]);
  return pid;
}

static void one_step_after_the_other(void **state)
{
  (void)state;
  int p[2], wstat;
  assert_int_equal(pipe(p), 0);
  pid_t pid = stubborn();
  struct spawn_delivery d = { .output_fd = -1 };
  spawn_deadline_set(&d, NOW, 3);
  spawn_delivery_runs(&all, &d, pid, p[0]);
  static struct { int at, wait; size_t steps; } const cases[] = {
    { 0, 3000, 0 }, { 2999, 1, 0 },
    { 3000, 2000, 1 }, { 4999, 1, 1 },
    { 5000, 1000, 2 }, { 5999, 1, 2 },
    { 6000, 2000, 3 }, { 7999, 1, 3 }
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(spawn_deadline_steps(&all, &pool, NOW + cases[i].at), cases[i].wait);
    assert_int_equal(d.steps, cases[i].steps);
    assert_int_equal(d.pid, pid);
  }
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGKILL);

  spawn_deadline_steps(&all, &pool, NOW + 8000);
  assert_int_equal(d.wstat, SPAWN_CRASHED);
  assert_ptr_equal(spawn_delivery_take_ended(&all), &d);
  assert_int_equal(*d.because, 'Z');
  close(p[1]);
}

static void an_agent_that_nothing_ends_is_forgotten(void **state)
{
  (void)state;
  int p[2], theirs;
  assert_int_equal(pipe(p), 0);
  pool.most = AGENTS_MAX;
  struct spawn_delivery d = { .output_fd = -1 }, other = { .output_fd = -1, .end = INT64_MAX };
  assert_non_null(agent_add(&pool, 0, &other, &theirs));
  close(theirs);
  assert_non_null(agent_add(&pool, 0, &d, &theirs));
  close(theirs);
  pid_t pid = stubborn();
  spawn_deadline_set(&d, NOW, 1);
  spawn_delivery_runs(&all, &d, pid, p[0]);
  for (int at = 1000; d.pid; at += 1000) spawn_deadline_steps(&all, &pool, NOW + at);
  assert_int_equal(pool.count, 1);
  assert_ptr_equal(pool.agents[0]->job, &other);
  assert_ptr_equal(spawn_delivery_take_ended(&all), &d);
  agent_end(&pool, pool.agents[0]);
  assert_int_equal(waitpid(pid, 0, 0), pid);
  close(p[1]);
}

static void what_only_left_its_output_with_somebody_has_its_own_verdict(void **state)
{
  (void)state;
  int p[2];
  assert_int_equal(pipe(p), 0);
  struct spawn_delivery d = { .output_fd = -1 };
  spawn_deadline_set(&d, NOW, 1);
  spawn_delivery_runs(&all, &d, 100, p[0]);
  spawn_delivery_ended(&d, 256);
  spawn_deadline_steps(&all, &pool, NOW + 1000);
  assert_int_equal(d.steps, 0);
  assert_int_equal(d.wstat, 256);
  assert_ptr_equal(spawn_delivery_take_ended(&all), &d);
  close(p[1]);
}

static void all_end_when_mail_delivery_stops(void **state)
{
  (void)state;
  struct spawn_delivery without = { .output_fd = -1 }, with = { .output_fd = -1 }, late = { .output_fd = -1, .steps = 1 };
  spawn_deadline_set(&without, NOW, 0);
  spawn_deadline_set(&with, NOW, 100);
  spawn_deadline_set(&late, NOW, 2);
  spawn_delivery_runs(&all, &without, 0, -1);
  spawn_delivery_runs(&all, &with, 0, -1);
  spawn_delivery_runs(&all, &late, 0, -1);
  spawn_deadline_is_now(&all);
  assert_int_equal(*without.because, WIRE_ENDED);
  assert_int_equal(*with.because, WIRE_ENDED);
  assert_int_equal(*late.because, 'Z');
  assert_true(without.end <= NOW && with.end <= NOW && late.end == NOW + 2000);
  while (spawn_delivery_take_ended(&all)) ;
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(the_next_one_says_how_long_to_wait),
    cmocka_unit_test(one_step_after_the_other),
    cmocka_unit_test(an_agent_that_nothing_ends_is_forgotten),
    cmocka_unit_test(what_only_left_its_output_with_somebody_has_its_own_verdict),
    cmocka_unit_test(all_end_when_mail_delivery_stops)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
