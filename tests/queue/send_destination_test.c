/* Rests grow and end, suspects try one at a time, what waits goes by birth. The clock is ours. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "send.h"
#include "send_delivery.h"
#include "send_destination.h"

uint64_t now = 1000000;
bool stopping;

static int begin(void **state)
{
  (void)state;
  settings.concurrency[CHANNEL_REMOTE] = 20;
  settings.concurrencydestination = 10;
  settings.queuelifetime = 604800;
  spawners[CHANNEL_REMOTE].slots = 1000;
  return 0;
}

static uint64_t key(char const *address)
{
  return destination_key(address, strlen(address));
}

static void test_keys(void **state)
{
  (void)state;
  assert_true(key("a@x.example") == key("\"b@c\"@X.EXAMPLE"));
  assert_true(key("a@x.example") == key("x.example"));
  assert_true(key("a@") == key("@"));
  assert_true(key("a@x.example") != key("a@y.example"));
  assert_true(key("a@x.example") != key("a@x.exampl"));
}

static void attempt(struct destination *d, enum destination_outcome outcome, unsigned expected_rest)
{
  unsigned rest = 0;
  assert_int_equal(destination_room(d, false), ROOM);
  destination_started(d);
  assert_int_equal(destination_ended(d, outcome, &rest), expected_rest > 0);
  assert_int_equal(rest, expected_rest);
  if (expected_rest) assert_int_equal(destination_room(d, false), RESTING);
}

static void test_rests_grow_to_an_hour_and_are_forgotten(void **state)
{
  static unsigned const rests[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600 };
  struct destination *d = destination_get(key("u@grows.example"));
  (void)state;
  for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
    attempt(d, UNREACHED, rests[i]);
    assert_true(destinations_next() == now + rests[i]);
    now += rests[i] - 1;
    assert_false(destinations_wake());
    assert_int_equal(destination_room(d, false), RESTING);
    now++;
    assert_true(destinations_wake());
  }
  attempt(d, UNKNOWN, 0);
  attempt(d, REACHED, 0);
  attempt(d, UNREACHED, 0);
  attempt(d, UNREACHED, 60);
  now += 60;
  destinations_wake();
}

static void test_those_under_way_when_a_rest_begins_count_once(void **state)
{
  struct destination *d = destination_get(key("u@together.example"));
  unsigned rest;
  (void)state;
  for (int i = 0; i < 5; i++) destination_started(d);
  assert_int_equal(destination_room(d, false), NO_ROOM);
  assert_true(destination_ended(d, UNREACHED, &rest));
  for (int i = 1; i < 5; i++) assert_false(destination_ended(d, UNREACHED, &rest));
  now += 60;
  destinations_wake();
  destination_started(d);
  assert_int_equal(destination_room(d, false), NO_ROOM);
  assert_true(destination_ended(d, UNREACHED, &rest));
  assert_int_equal(rest, 120);
}

static struct message *waiting(struct destination *d, uint64_t id, uint64_t birth, bool new)
{
  struct message *m = message_add(id);
  m->birth = birth;
  m->first[CHANNEL_REMOTE] = new;
  destination_wait(d, m);
  return m;
}

static void test_after_the_rest_one_then_more(void **state)
{
  struct destination *d = destination_get(key("u@wakes.example"));
  unsigned rest;
  (void)state;
  attempt(d, UNREACHED, 60);
  for (uint64_t i = 0; i < 6; i++) waiting(d, 10 + i, now - i, i % 2);
  assert_null(destination_next(OLD));
  now += 60;
  assert_true(destinations_wake());
  assert_true(destinations_next() == now);
  assert_null(destination_next(NEW));
  assert_int_equal(destination_next(OLD)->id, 15);        /* the oldest new one, */
  destination_started(d);
  assert_null(destination_next(OLD));
  assert_false(destination_ended(d, REACHED, &rest));
  assert_int_equal(destination_next(NEW)->id, 14);        /* then the oldest old one */
  destination_started(d);
  assert_int_equal(destination_next(NEW)->id, 13);
  destination_started(d);
  assert_null(destination_next(NEW));
  assert_false(destination_ended(d, REACHED, &rest));
  assert_false(destination_ended(d, REACHED, &rest));
  for (int i = 0; i < 3; i++) assert_non_null(destination_next(i < 1 ? NEW : destination_awaited(d, NEW) ? NEW : OLD));
  assert_null(destination_next(NEW));
  assert_null(destination_next(OLD));
}

static void test_one_that_leaves_by_itself_is_not_missed(void **state)
{
  struct destination *d = destination_get(key("u@leaves.example"));
  (void)state;
  struct message *m = waiting(d, 20, now, true), *n = waiting(d, 21, now, true);
  message_forget(m);
  unschedule(n, CHANNEL_REMOTE);
  message_forget(n);
  assert_null(destination_next(NEW));
  assert_false(destination_awaited(d, NEW));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_keys),
    cmocka_unit_test(test_rests_grow_to_an_hour_and_are_forgotten),
    cmocka_unit_test(test_those_under_way_when_a_rest_begins_count_once),
    cmocka_unit_test(test_after_the_rest_one_then_more),
    cmocka_unit_test(test_one_that_leaves_by_itself_is_not_missed)
  };
  return cmocka_run_group_tests(tests, begin, 0);
}
