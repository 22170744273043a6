/* Rests grow and end, suspects try one at a time, what waits goes by birth; domains with the same servers are one, and
   strangers leave places to others. The clock is ours. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "send.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_events.h"
#include "send_places.h"

static int reports[2];

static int begin(void **state)
{
  (void)state;
  now = 1000000;
  settings.concurrency[CHANNEL_REMOTE] = 20;
  settings.concurrencydestination = 10;
  settings.queuelifetime = 604800;
  places[CHANNEL_REMOTE].carried = 1000;
  spawners[CHANNEL_REMOTE].alive = true;
  if (pipe(reports) == -1) return 1;
  spawners[CHANNEL_REMOTE].reports_fd = reports[0];
  return 0;
}

static uint64_t key(char const *address)
{
  return destination_key(CHANNEL_REMOTE, address, strlen(address));
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

static uint64_t account(char const *address)
{
  return destination_key(CHANNEL_LOCAL, address, strlen(address));
}

static void test_accounts(void **state)
{
  (void)state;
  static char breaks[] = "-+";
  settings.breakchars = (stralloc){ .s = breaks, .len = 2 };
  assert_true(account("joe@x") == account("JOE-list-a@y"));
  assert_true(account("joe@x") == account("joe+a@x"));
  assert_true(account("joe@x") == account("joe"));
  assert_true(account("-joe@x") == account("@x"));
  assert_true(account("joe@x") != account("joe.a@x"));
  assert_true(account("joe@x") != account("jo@x"));
  assert_true(account("joe@x") != key("r@joe"));
  settings.breakchars.len = 0;
  assert_true(account("joe@x") != account("joe-a@x"));
}

/* The latest question about the domain, in what qmail-rspawn was sent: its slot. */
static unsigned slot_of(char const *domain)
{
  static struct wire_command c;
  stralloc const *sent = &spawners[CHANNEL_REMOTE].commands.bytes;
  unsigned slot = 0;
  long n;
  events_questions();
  for (size_t at = 0; (n = wire_command_unpack(&c, sent->s + at, sent->len - at)) > 0; at += (size_t)n)
    if (!*c.messid && !strcmp(c.recipients[0].address + 1, domain)) slot = c.recipients[0].slot;
  return slot;
}

static void answer(char const *domain, char const *servers)
{
  static stralloc report = STRALLOC_ZERO;
  report.len = 0;
  struct wire_report const said = { .slot = slot_of(domain), .letter = 'W', .text = servers, .len = strlen(servers) };
  assert_true(wire_report_pack(&report, &said));
  assert_int_equal(write(reports[1], report.s, report.len), report.len);
  events_reports(CHANNEL_REMOTE);
}

/* That of an address after qmail-rspawn was asked in vain. */
static struct destination *known(char const *address)
{
  struct destination *d = destination_of(CHANNEL_REMOTE, address, strlen(address));
  assert_int_equal(destination_room(d, NEW, false), NOT_KNOWN);
  answer(destination_name(d), "");
  return d;
}

static void attempt(struct destination *d, enum destination_outcome outcome, unsigned expected_rest)
{
  unsigned rest = 0;
  if (destination_room(d, NEW, false) == NOT_KNOWN) answer(destination_name(d), "");
  assert_int_equal(destination_room(d, NEW, false), ROOM);
  destination_started(d, NEW);
  assert_int_equal(destination_ended(d, NEW, outcome, &rest), expected_rest > 0);
  assert_int_equal(rest, expected_rest);
  if (expected_rest) assert_int_equal(destination_room(d, NEW, false), RESTING);
}

static void test_rests_grow_to_an_hour_and_are_forgotten(void **state)
{
  static unsigned const rests[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600 };
  struct destination *d = known("u@grows.example");
  (void)state;
  for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
    attempt(d, UNREACHED, rests[i]);
    assert_true(destinations_next(CHANNEL_REMOTE) == now + rests[i]);
    now += rests[i] - 1;
    assert_false(destinations_wake());
    assert_int_equal(destination_room(d, NEW, false), RESTING);
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
  struct destination *d = known("u@together.example");
  unsigned rest;
  (void)state;
  for (int i = 0; i < 5; i++) destination_started(d, NEW);
  assert_int_equal(destination_room(d, NEW, false), NO_ROOM);
  assert_true(destination_ended(d, NEW, UNREACHED, &rest));
  for (int i = 1; i < 5; i++) assert_false(destination_ended(d, NEW, UNREACHED, &rest));
  now += 60;
  destinations_wake();
  destination_started(d, NEW);
  assert_int_equal(destination_room(d, NEW, false), NO_ROOM);
  assert_true(destination_ended(d, NEW, UNREACHED, &rest));
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
  struct destination *d = known("u@wakes.example");
  unsigned rest;
  (void)state;
  attempt(d, UNREACHED, 60);
  for (uint64_t i = 0; i < 6; i++) waiting(d, 10 + i, now - i, i % 2);
  assert_null(destination_next(CHANNEL_REMOTE, OLD));
  now += 60;
  assert_true(destinations_wake());
  assert_true(destinations_next(CHANNEL_REMOTE) == now);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  assert_int_equal(destination_next(CHANNEL_REMOTE, OLD)->id, 15);        /* the oldest new one, */
  destination_started(d, NEW);
  assert_null(destination_next(CHANNEL_REMOTE, OLD));
  assert_false(destination_ended(d, NEW, REACHED, &rest));
  assert_int_equal(destination_next(CHANNEL_REMOTE, NEW)->id, 14);        /* then the oldest old one */
  destination_started(d, NEW);
  assert_int_equal(destination_next(CHANNEL_REMOTE, NEW)->id, 13);
  destination_started(d, NEW);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  assert_false(destination_ended(d, NEW, REACHED, &rest));
  assert_false(destination_ended(d, NEW, REACHED, &rest));
  for (int i = 0; i < 3; i++) assert_non_null(destination_next(CHANNEL_REMOTE, i < 1 ? NEW : destination_awaited(d, NEW) ? NEW : OLD));
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  assert_null(destination_next(CHANNEL_REMOTE, OLD));
}

static void test_one_that_leaves_by_itself_is_not_missed(void **state)
{
  struct destination *d = known("u@leaves.example");
  (void)state;
  struct message *m = waiting(d, 20, now, true), *n = waiting(d, 21, now, true);
  message_forget(m);
  unschedule(n, CHANNEL_REMOTE);
  message_forget(n);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  assert_false(destination_awaited(d, NEW));
}

/* ---- where domains' mail goes ---- */

static struct destination *of(char const *address)
{
  return destination_of(CHANNEL_REMOTE, address, strlen(address));
}

static void test_domains_with_the_same_servers_are_one(void **state)
{
  struct destination *a = of("u@one.example"), *b = of("u@two.example");
  unsigned rest;
  (void)state;
  assert_ptr_not_equal(a, b);
  assert_int_equal(destination_room(a, NEW, false), NOT_KNOWN);
  assert_int_equal(destination_room(b, NEW, false), NOT_KNOWN);
  answer("one.example", "mx.one.example");
  answer("two.example", "mx.one.example");
  struct destination *servers = of("U@ONE.example");
  assert_ptr_equal(of("u@two.example"), servers);
  assert_ptr_equal(destination_find(key("u@two.example")), servers);
  assert_string_equal(destination_name(servers), "mx.one.example");
  assert_ptr_not_equal(of("u@mx.one.example"), servers);      /* a domain of that name is another thing */
  for (int i = 0; i < 5; i++) {
    assert_int_equal(destination_room(servers, NEW, false), ROOM);
    destination_started(servers, NEW);
  }
  assert_int_equal(destination_room(of("u@one.example"), NEW, false), NO_ROOM);
  for (int i = 0; i < 5; i++) destination_ended(servers, NEW, REACHED, &rest);
}

static void test_an_answer_counts_for_an_hour_or_until_it_is_doubted(void **state)
{
  struct destination *d = of("u@moves.example");
  (void)state;
  assert_int_equal(destination_room(d, NEW, false), NOT_KNOWN);
  answer("moves.example", "first.example");
  now += 3599;
  assert_string_equal(destination_name(of("u@moves.example")), "first.example");
  now++;
  assert_ptr_equal(of("u@moves.example"), d);
  assert_int_equal(destination_room(d, NEW, false), NOT_KNOWN);
  answer("moves.example", "second.example");
  assert_string_equal(destination_name(of("u@moves.example")), "second.example");
  destination_doubt("u@moves.example", strlen("u@moves.example"));
  assert_int_equal(destination_room(of("u@moves.example"), NEW, false), NOT_KNOWN);
  answer("moves.example", "");
  assert_ptr_equal(of("u@moves.example"), d);
  assert_int_equal(destination_room(d, NEW, false), ROOM);
  destinations_wake_all();
  assert_int_equal(destination_room(d, NEW, false), NOT_KNOWN);
  answer("moves.example", "");
}

static void test_what_waits_for_the_answer_goes_on(void **state)
{
  struct destination *d = of("u@asked.example");
  (void)state;
  destinations_wake();
  assert_int_equal(destination_room(d, NEW, false), NOT_KNOWN);
  waiting(d, 30, now, true);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  assert_true(destinations_next(CHANNEL_REMOTE) > now);
  answer("asked.example", "mx.asked.example");
  assert_true(destinations_next(CHANNEL_REMOTE) == now);
  assert_int_equal(destination_next(CHANNEL_REMOTE, NEW)->id, 30);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
}

/* Names of which there are many. */
static char const *numbered(unsigned i)
{
  static char name[40];
  snprintf(name, sizeof name, "n%u.example", i);
  return name;
}

static void test_of_too_many_questions_the_latest_is_asked_next(void **state)
{
  unsigned const over = WIRE_QUESTIONS_MAX + 3;
  (void)state;
  for (unsigned i = 0; i < over; i++) {
    assert_int_equal(destination_room(of(numbered(i)), NEW, false), NOT_KNOWN);
    assert_int_equal(slot_of(numbered(i)) > 0, i < WIRE_QUESTIONS_MAX);
  }
  for (unsigned i = 0; i < 3; i++) {
    assert_int_equal(slot_of(numbered(over - 1 - i)), 0);
    answer(numbered(i), "");
    assert_int_equal(slot_of(numbered(over - 1 - i)), WIRE_SLOTS_MAX + i);
  }
}

/* ---- whose places ---- */

static void start(unsigned first, unsigned count, enum newness n)
{
  for (unsigned i = first; i < first + count; i++) destination_started(of(numbered(i)), n);
}

static void end(unsigned first, unsigned count, enum newness n)
{
  unsigned rest;
  for (unsigned i = first; i < first + count; i++) destination_ended(of(numbered(i)), n, UNKNOWN, &rest);
}

/* Of 20 places: 10 for old mail to strangers, 15 for all to strangers. */
static void test_strangers_leave_places_to_others(void **state)
{
  struct destination *d = known("u@stranger.example"), *friend = known("u@friend.example");
  (void)state;
  attempt(friend, REACHED, 0);
  start(1000, 9, OLD);
  assert_int_equal(destination_room(d, OLD, false), ROOM);
  start(1009, 1, OLD);
  assert_int_equal(destination_room(d, OLD, false), NO_ROOM);
  start(2000, 4, NEW);
  assert_int_equal(destination_room(d, NEW, false), ROOM);
  start(2004, 1, NEW);
  assert_int_equal(destination_room(d, NEW, false), NO_ROOM);
  assert_int_equal(destination_room(friend, OLD, false), ROOM);
  waiting(d, 40, now, true);
  assert_null(destination_next(CHANNEL_REMOTE, NEW));
  waiting(friend, 41, now, true);
  assert_int_equal(destination_next(CHANNEL_REMOTE, NEW)->id, 41);
  end(1009, 1, OLD);
  assert_int_equal(destination_room(d, OLD, false), ROOM);
  assert_int_equal(destination_next(CHANNEL_REMOTE, NEW)->id, 40);
  end(1000, 9, OLD);
  end(2000, 5, NEW);
}

static void test_with_few_places_one_is_for_strangers(void **state)
{
  static struct { unsigned places, old, all; } const cases[] = {
    { 1, 1, 1 }, { 2, 1, 1 }, { 3, 1, 2 }, { 4, 2, 3 }, { 7, 5, 6 }, { 8, 4, 6 }, { 20, 10, 15 }
  };
  struct destination *d = known("u@few.example");
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    unsigned old = 0, new = 0;
    settings.concurrency[CHANNEL_REMOTE] = cases[i].places;
    for (; destination_room(d, OLD, false) == ROOM; old++) start(3000 + old, 1, OLD);
    for (; destination_room(d, NEW, false) == ROOM; new++) start(4000 + new, 1, NEW);
    assert_int_equal(old, cases[i].old);
    assert_int_equal(old + new, cases[i].all);
    end(3000, old, OLD);
    end(4000, new, NEW);
  }
  settings.concurrency[CHANNEL_REMOTE] = 20;
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_keys), cmocka_unit_test(test_accounts),
    cmocka_unit_test(test_rests_grow_to_an_hour_and_are_forgotten),
    cmocka_unit_test(test_those_under_way_when_a_rest_begins_count_once),
    cmocka_unit_test(test_after_the_rest_one_then_more),
    cmocka_unit_test(test_one_that_leaves_by_itself_is_not_missed),
    cmocka_unit_test(test_domains_with_the_same_servers_are_one),
    cmocka_unit_test(test_an_answer_counts_for_an_hour_or_until_it_is_doubted),
    cmocka_unit_test(test_what_waits_for_the_answer_goes_on),
    cmocka_unit_test(test_strangers_leave_places_to_others),
    cmocka_unit_test(test_with_few_places_one_is_for_strangers),
    cmocka_unit_test(test_of_too_many_questions_the_latest_is_asked_next)
  };
  return cmocka_run_group_tests(tests, begin, 0);
}
