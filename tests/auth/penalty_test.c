#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "penalty.h"

enum { MOST = 10, START = 1000 };

static struct penalty box;

static struct network name_of(char const *address)
{
  struct network n;
  assert_true(network_of(&n, address, strlen(address)));
  penalty_name(&n);
  return n;
}

static int empty(void **state)
{
  (void)state;
  memset(&box, 0, sizeof box);
  return 0;
}

/* What the n-th wrong password, all of them different, brings. */
static void growing(void **state)
{
  struct { unsigned delay, boxed; } const told[] = {
    { 2, 0 }, { 2, 0 }, { 2, 0 }, { 4, 0 }, { 6, 0 }, { 8, 0 }, { 10, 0 }, { 10, 0 }, { 10, 0 },
    { 10, 60 }, { 10, 120 }, { 10, 240 }, { 10, 480 }, { 10, 960 }, { 10, 1920 }, { 10, 3600 }, { 10, 3600 }
  };
  struct network const n = name_of("192.0.2.7"), other = name_of("192.0.2.8");
  time_t now = START;
  unsigned boxed;
  (void)state;
  for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
    assert_int_equal(penalty_wait(&box, &n, now), 0);
    assert_int_equal(penalty_failed(&box, &n, i, MOST, now, &boxed), told[i].delay);
    assert_int_equal(boxed, told[i].boxed);
    assert_int_equal(penalty_wait(&box, &n, now), boxed);
    assert_int_equal(penalty_wait(&box, &other, now), 0);
    now += boxed;
  }
}

static void who_is_in_the_box_already_gets_no_longer_one(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < MOST; i++) penalty_failed(&box, &n, i, MOST, START, &boxed);
  assert_int_equal(boxed, 60);
  for (unsigned i = 0; i < 50; i++) penalty_failed(&box, &n, 100 + i, MOST, START + 1, &boxed);
  assert_int_equal(boxed, 0);
  assert_int_equal(penalty_wait(&box, &n, START + 1), 59);
}

/* Who sends forty of them at once does not get forty for each box. */
static void what_comes_while_the_box_is_closed_counts(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < MOST + 40; i++) penalty_failed(&box, &n, i, MOST, START, &boxed);
  assert_int_equal(penalty_wait(&box, &n, START), 60);
  penalty_failed(&box, &n, 100, MOST, START + 60, &boxed);
  assert_int_equal(boxed, PENALTY_BOX_MAX);
}

static void the_same_again_while_the_box_is_closed_does_not(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < MOST; i++) penalty_failed(&box, &n, i, MOST, START, &boxed);
  for (unsigned i = 0; i < 40; i++) penalty_failed(&box, &n, MOST - 1, MOST, START + 1, &boxed);
  penalty_failed(&box, &n, 100, MOST, START + 60, &boxed);
  assert_int_equal(boxed, 120);
}

static void the_same_again_comes_later_but_not_into_the_box(void **state)
{
  static unsigned const delays[] = { 2, 2, 2, 4, 6, 8, 10 };
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < 1000; i++)
    assert_int_equal(penalty_failed(&box, &n, 7 + i % 2, MOST, START + i, &boxed), delays[i < 7 ? i : 6]);
  assert_int_equal(penalty_wait(&box, &n, START + 1000), 0);
}

static void a_limit_of_none(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < 1000; i++) penalty_failed(&box, &n, i, 0, START, &boxed);
  assert_int_equal(penalty_wait(&box, &n, START), 0);
}

static void all_is_forgotten(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  size_t at = 0;
  (void)state;
  for (unsigned i = 0; i < MOST; i++) penalty_failed(&box, &n, i, MOST, START, &boxed);
  assert_non_null(penalty_next(&box, &at, START + 60 + PENALTY_MEMORY - 1));
  at = 0;
  assert_null(penalty_next(&box, &at, START + 60 + PENALTY_MEMORY));
  assert_int_equal(penalty_failed(&box, &n, 99, MOST, START + 60 + PENALTY_MEMORY, &boxed), 2);
}

static void a_network_of_ipv6_is_one(void **state)
{
  struct network const n = name_of("2001:db8:1:2::1"), same = name_of("2001:db8:1:2:ffff::"), other = name_of("2001:db8:1:3::1");
  char shown[NETWORK_FMT];
  unsigned boxed;
  (void)state;
  penalty_failed(&box, &n, 1, 1, START, &boxed);
  assert_int_equal(penalty_wait(&box, &same, START), 60);
  assert_int_equal(penalty_wait(&box, &other, START), 0);
  shown[network_fmt(shown, &n)] = 0;
  assert_string_equal(shown, "2001:db8:1:2::/64");
}

static void forgetting_by_hand(void **state)
{
  struct network const a = name_of("192.0.2.7"), b = name_of("198.51.100.1");
  struct network net;
  unsigned boxed;
  (void)state;
  penalty_failed(&box, &a, 1, 1, START, &boxed);
  penalty_failed(&box, &b, 1, 1, START, &boxed);
  assert_true(network_read(&net, "192.0.2.0/24", 12));
  assert_int_equal(penalty_forget(&box, &net, START), 1);
  assert_int_equal(penalty_wait(&box, &a, START), 0);
  assert_int_equal(penalty_wait(&box, &b, START), 60);
  assert_int_equal(penalty_forget(&box, 0, START), 1);
  assert_int_equal(penalty_wait(&box, &b, START), 0);
}

/* A flood of addresses that try once takes no place from who has tried often. */
static void a_flood(void **state)
{
  struct network const n = name_of("192.0.2.7");
  unsigned boxed;
  (void)state;
  for (unsigned i = 0; i < MOST; i++) penalty_failed(&box, &n, i, MOST, START, &boxed);
  for (unsigned i = 0; i < 100000; i++) {
    char address[40];
    sprintf(address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
    struct network const other = name_of(address);
    penalty_failed(&box, &other, i, MOST, START, &boxed);
  }
  assert_int_equal(penalty_wait(&box, &n, START), 60);
}

/* Where the hash that the table once had, which anybody can compute, puts an address. */
static size_t known_set_of(struct network const *name)
{
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < sizeof name->ip; i++) h = (h ^ name->ip[i]) * 16777619u;
  return (h ^ h >> 16) % PENALTY_SETS;
}

/* Who has a /48 chooses such networks of it as push each other out, so that none of them is ever remembered. */
static void nobody_chooses_who_is_pushed_out(void **state)
{
  enum { CHOSEN = 3 * PENALTY_WAYS };
  unsigned boxed, count = 0;
  size_t at = 0;
  (void)state;
  memcpy(box.key, "which is not told to those there", sizeof box.key);
  for (unsigned i = 0; i < 65536 && count < CHOSEN; i++) {
    char address[40];
    sprintf(address, "2001:db8:1:%x::1", i);
    struct network const n = name_of(address);
    if (known_set_of(&n) != 7) continue;
    penalty_failed(&box, &n, 1, MOST, START, &boxed);
    count++;
  }
  assert_int_equal(count, CHOSEN);
  for (count = 0; penalty_next(&box, &at, START); count++) { }
  assert_int_equal(count, CHOSEN);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup(growing, empty), cmocka_unit_test_setup(who_is_in_the_box_already_gets_no_longer_one, empty),
    cmocka_unit_test_setup(what_comes_while_the_box_is_closed_counts, empty),
    cmocka_unit_test_setup(the_same_again_while_the_box_is_closed_does_not, empty),
    cmocka_unit_test_setup(the_same_again_comes_later_but_not_into_the_box, empty), cmocka_unit_test_setup(a_limit_of_none, empty),
    cmocka_unit_test_setup(all_is_forgotten, empty), cmocka_unit_test_setup(a_network_of_ipv6_is_one, empty),
    cmocka_unit_test_setup(forgetting_by_hand, empty), cmocka_unit_test_setup(a_flood, empty),
    cmocka_unit_test_setup(nobody_chooses_who_is_pushed_out, empty)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
