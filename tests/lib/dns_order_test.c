/* In which order hosts and addresses are tried. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns_order.h"

static uint32_t seed;

static uint32_t pseudo_random(uint32_t n)
{
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % n;
}

static struct dns_host hosts[6];

static void set_hosts(char const *preferences)
{
  static char *const names[] = { "a", "b", "c", "d", "e", "f" };
  for (size_t i = 0; preferences[i]; i++) {
    hosts[i].preference = (uint16_t)(preferences[i] - '0');
    hosts[i].name = names[i];
  }
}

static void preference_comes_first(void **state)
{
  static char const *const cases[] = { "", "5", "12", "21", "321", "303132", "000000", "999990" };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t count = strlen(cases[i]);
    unsigned seen = 0;
    set_hosts(cases[i]);
    dns_order_hosts(hosts, count, pseudo_random);
    for (size_t h = 0; h < count; h++) seen |= 1u << (hosts[h].name[0] - 'a');
    assert_int_equal(seen, (1u << count) - 1);
    for (size_t h = 1; h < count; h++) assert_true(hosts[h - 1].preference <= hosts[h].preference);
  }
}

/* Three of preference 1 between 0 and 2: each of the six orders comes, about equally often. */
static void equals_come_in_any_order(void **state)
{
  unsigned seen[27] = { 0 }, orders = 0;
  (void)state;
  for (unsigned round = 0; round < 6000; round++) {
    set_hosts("01112");
    dns_order_hosts(hosts, 5, pseudo_random);
    assert_string_equal(hosts[0].name, "a");
    assert_string_equal(hosts[4].name, "e");
    seen[(hosts[1].name[0] - 'b') * 9 + (hosts[2].name[0] - 'b') * 3 + hosts[3].name[0] - 'b']++;
  }
  for (size_t i = 0; i < 27; i++) {
    if (!seen[i]) continue;
    orders++;
    assert_in_range(seen[i], 800, 1200);
  }
  assert_int_equal(orders, 6);
}

static struct { size_t fours, sixes; bool six_first; char const *order; } const mixes[] = {
  { 0, 0, false, "" },
  { 2, 0, true,  "44" },
  { 0, 2, false, "66" },
  { 1, 1, false, "46" },
  { 1, 1, true,  "64" },
  { 3, 1, false, "4644" },
  { 1, 3, false, "4666" },
  { 3, 2, true,  "64644" },
};

static void families_by_turns(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++) {
    struct dns_host h = { .fours = mixes[i].fours, .sixes = mixes[i].sixes };
    ip46 to[2 * DNS_HOST_ADDRESSES_MAX];
    for (size_t n = 0; n < h.sixes; n++) h.six[n].is6 = 1;
    assert_int_equal(dns_order_addresses(to, &h, mixes[i].six_first), strlen(mixes[i].order));
    for (size_t n = 0; mixes[i].order[n]; n++) assert_int_equal(to[n].is6, mixes[i].order[n] == '6');
  }
}

static struct { char const *ip; bool better; } const worlds[] = {
  { "2a00:1450::1", true }, { "2001:db8::1", true }, { "2001:0:1::1", false }, { "2002:a00:1::1", false },
  { "fd77::1", false }, { "fc00::1", false }, { "fe80::1", false }, { "fec0::1", false },
};

static void six_is_better_in_the_wide_world(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
    ip46 ip;
    assert_true(ip46_scan(worlds[i].ip, &ip));
    assert_int_equal(dns_order_six_is_better(&ip), worlds[i].better);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(preference_comes_first), cmocka_unit_test(equals_come_in_any_order),
    cmocka_unit_test(families_by_turns), cmocka_unit_test(six_is_better_in_the_wide_world),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
