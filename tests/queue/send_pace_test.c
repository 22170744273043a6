/* No span of a rate's seconds has more messages than the rate, whenever they come; and none is kept waiting longer than that takes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "send_pace.h"

enum { SENT_MAX = 40000 };

static uint64_t sent[SENT_MAX];

/* As many as are let through from some second on, for some time, with pauses; each as early as it may. */
static size_t send_all(struct pace *p, uint64_t from, uint64_t until, unsigned pauses)
{
  size_t count = 0;
  unsigned chance = 12345;
  for (uint64_t now = from; now < until && count < SENT_MAX;) {
    uint64_t next = pace_next(p, now);
    assert_true(next >= now);
    if (next > now) {
      now = next;
      continue;
    }
    pace_count(p, now);
    sent[count++] = now;
    chance = chance * 1103515245 + 12345;
    if (pauses) now += (chance >> 16) % pauses;
  }
  return count;
}

static struct { unsigned messages, seconds, pauses; } const rates[] = {
  { 1, 60, 0 }, { 2, 60, 0 }, { 30, 60, 0 }, { 30, 60, 5 }, { 7, 60, 30 }, { 1, 1, 0 }, { 3, 10, 2 }, { 5, 90, 7 }, { 100, 3600, 50 },
  { 60, 86400, 2000 }, { 1000, 60, 0 },
};

static void no_span_has_more(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    struct pace p = { .rate = { rates[i].messages, rates[i].seconds } };
    size_t count = send_all(&p, 1000003, 1000003 + 20 * (uint64_t)rates[i].seconds, rates[i].pauses), most = rates[i].messages;
    assert_true(count > 2 * most && count < SENT_MAX);
    for (size_t k = most; k < count; k++)
      if (sent[k] - sent[k - most] < rates[i].seconds) fail_msg("rate %zu: %zu", i, k);
    /* A span, and the part that it begins in, and no more. */
    for (size_t k = most; k < count && !rates[i].pauses; k++)
      if (sent[k] - sent[k - most] > rates[i].seconds + 2 * ((rates[i].seconds + PACE_PARTS - 1) / PACE_PARTS)) fail_msg("rate %zu: %zu late", i, k);
  }
}

static void it_is_told_when_the_next_may(void **state)
{
  struct pace p = { .rate = { 2, 60 } };
  (void)state;
  assert_int_equal(pace_next(&p, 500), 500);
  pace_count(&p, 500);
  assert_int_equal(pace_next(&p, 510), 510);
  pace_count(&p, 510);
  assert_int_equal(pace_next(&p, 510), 561);
  assert_int_equal(pace_next(&p, 560), 561);
  assert_int_equal(pace_next(&p, 561), 561);
  pace_count(&p, 561);
  assert_int_equal(pace_next(&p, 561), 571);
  p.rate.messages = 1;
  assert_int_equal(pace_next(&p, 561), 622);
  p.rate.messages = 0;
  assert_int_equal(pace_next(&p, 561), 561);
}

static void long_ago_counts_no_more(void **state)
{
  struct pace p = { .rate = { 1, 60 } };
  (void)state;
  pace_count(&p, 100);
  assert_int_equal(pace_next(&p, 100 + 61), 161);
  pace_count(&p, 100000);
  pace_count(&p, 100061);
  assert_int_equal(pace_next(&p, 100061), 100122);
  assert_int_equal(pace_next(&p, UINT64_MAX / 2), UINT64_MAX / 2);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(no_span_has_more), cmocka_unit_test(it_is_told_when_the_next_may), cmocka_unit_test(long_ago_counts_no_more),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
