#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "agent.h"
#include "agent_pool.h"
#include "bytes.h"

static int some_job;

static struct agent_pool *new_pool(size_t idle_max, uint64_t idle_time)
{
  static struct agent_pool pool;
  for (size_t i = pool.count; i--;) agent_end(&pool, pool.agents[i]);
  assert_int_equal(pool.idle, 0);
  pool.most = AGENTS_MAX;
  pool.idle_max = idle_max;
  pool.idle_time = idle_time;
  return &pool;
}

static struct agent *add(struct agent_pool *pool, char const *key, size_t len)
{
  static pid_t pid = 100;
  struct agent *a = agent_add(pool, pid++, -1, 0, &some_job);
  assert_non_null(a);
  assert_true(bytes_setb(&a->key, key, len));
  return a;
}

static struct agent *idle(struct agent_pool *pool, char const *key, uint64_t since)
{
  struct agent *a = add(pool, key, strlen(key));
  agent_rest(pool, a, since);
  return a;
}

/* ---- keys ---- */

static void only_the_same_key_serves(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  static struct { char const *key; size_t len; } const keys[] = {
    { "joe\0001\0001\000/h", 10 }, { "joe\0001\0001\000/i", 10 }, { "joe\0001\0002\000/h", 10 }, { "joe", 3 }, { "joe\0", 4 }
  };
  size_t n = sizeof keys / sizeof *keys;
  struct agent *agents[sizeof keys / sizeof *keys];
  for (size_t i = 0; i < n; i++) {
    agents[i] = add(pool, keys[i].key, keys[i].len);
    assert_null(agent_idle(pool, keys[i].key, keys[i].len));
    agent_rest(pool, agents[i], i);
  }
  for (size_t i = 0; i < n; i++) assert_ptr_equal(agent_idle(pool, keys[i].key, keys[i].len), agents[i]);
  assert_null(agent_idle(pool, "jo", 2));
  assert_null(agent_idle(pool, "", 0));
}

static void an_agent_without_a_key_serves_nobody(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  idle(pool, "", 1);
  assert_null(agent_idle(pool, "", 0));
}

static void the_last_used_serves_first_and_only_once(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  struct agent *old = idle(pool, "a", 5), *recent = idle(pool, "a", 7);
  assert_ptr_equal(agent_idle(pool, "a", 1), recent);
  agent_employ(pool, recent, &some_job);
  assert_ptr_equal(agent_idle(pool, "a", 1), old);
  agent_employ(pool, old, &some_job);
  assert_null(agent_idle(pool, "a", 1));
  assert_int_equal(pool->idle, 0);
}

/* ---- bounds ---- */

static void beyond_the_limit_the_oldest_goes(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(2, 1000);
  idle(pool, "b", 20);
  idle(pool, "a", 10);
  struct agent *busy = add(pool, "d", 1);
  idle(pool, "c", 30);
  assert_null(agent_idle(pool, "a", 1));
  assert_non_null(agent_idle(pool, "b", 1));
  assert_non_null(agent_idle(pool, "c", 1));
  assert_int_equal(pool->idle, 2);
  assert_int_equal(pool->count, 3);
  agent_end(pool, busy);
  assert_int_equal(pool->idle, 2);
}

static void with_limit_zero_nobody_rests(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(0, 1000);
  agent_rest(pool, add(pool, "a", 1), 1);
  assert_int_equal(pool->count, 0);
}

static void time_ends_the_idle(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  assert_int_equal(agent_expire(pool, 0), -1);
  idle(pool, "a", 0);
  idle(pool, "b", 400);
  add(pool, "c", 1);
  assert_int_equal(agent_expire(pool, 100), 900);
  assert_int_equal(agent_expire(pool, 999), 1);
  assert_int_equal(pool->idle, 2);
  assert_int_equal(agent_expire(pool, 1000), 400);
  assert_null(agent_idle(pool, "a", 1));
  assert_int_equal(agent_expire(pool, 5000), -1);
  assert_int_equal(pool->idle, 0);
  assert_int_equal(pool->count, 1);
}

static void all_idle_can_be_sent_away(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  idle(pool, "a", 0);
  struct agent *busy = add(pool, "b", 1);
  idle(pool, "c", 0);
  agent_end_idle(pool);
  assert_int_equal(pool->count, 1);
  assert_ptr_equal(pool->agents[0], busy);
}

static void there_is_an_end_to_it(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  for (int i = 0; i < AGENTS_MAX; i++) add(pool, "a", 1);
  assert_null(agent_add(pool, 1, -1, 0, &some_job));
  new_pool(10, 1000);
}

/* ---- invitations ---- */

static char const *invitation(int about, char const *text, size_t len)
{
  struct stat const st = { .st_dev = 7, .st_ino = 9 };
  setenv(AGENT_VARIABLE, "left over", 1);
  agent_offer(about, text, len, &st);
  return getenv(AGENT_VARIABLE);
}

static void only_who_is_invited_hears_of_it(void **state)
{
  (void)state;
  static char const much[5000];
  int about[2];
  assert_int_equal(pipe(about), 0);
  assert_true(agent_listen() != -1);
  assert_null(invitation(-1, "x", 1));
  assert_null(invitation(about[1], "", 0));
  assert_null(invitation(about[1], much, sizeof much));
  assert_int_equal(strncmp(invitation(about[1], "joe", 3), AGENT_VERSION ":7:9:", 6), 0);
}

static int deliveries;

static void deliver(int argc, char const *const *argv)
{
  assert_int_equal(argc, 2);
  assert_string_equal(argv[1], "argument");
  assert_false(agent_stays());
  deliveries++;
}

/* Nobody else's invitation is taken: this process is not the file 7:9, so it has its one delivery and goes on. */
static void an_invitation_for_another_program_is_not_taken(void **state)
{
  (void)state;
  char const *const given[] = { "program", "argument", 0 };
  static char const *const odd[] = {
    "", "3", "3:", "3:7:9:", "3:7:9:00001", "2:7:9:00001", "3:7:9", "x"
  };
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    setenv(AGENT_VARIABLE, odd[i], 1);
    agent_run(2, given, &(struct agent_work){ .deliver = deliver });
    assert_int_equal(deliveries, i + 1);
    assert_null(getenv(AGENT_VARIABLE));
  }
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(only_the_same_key_serves),
    cmocka_unit_test(an_agent_without_a_key_serves_nobody),
    cmocka_unit_test(the_last_used_serves_first_and_only_once),
    cmocka_unit_test(beyond_the_limit_the_oldest_goes),
    cmocka_unit_test(with_limit_zero_nobody_rests),
    cmocka_unit_test(time_ends_the_idle),
    cmocka_unit_test(all_idle_can_be_sent_away),
    cmocka_unit_test(there_is_an_end_to_it),
    cmocka_unit_test(only_who_is_invited_hears_of_it),
    cmocka_unit_test(an_invitation_for_another_program_is_not_taken)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
