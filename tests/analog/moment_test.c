/* Times as people say them; now is 2026-11-28 18:00:00 in Berlin. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "moment.h"

static int64_t const now = 1795885200;

static struct { char const *text; int64_t is; } const cases[] = {
  { "now", 1795885200 }, { "today", 1795820400 }, { "yesterday", 1795734000 },
  { "90s", 1795885110 }, { "5m", 1795884900 }, { "3h", 1795874400 }, { "2d", 1795712400 }, { "1w", 1795280400 }, { "0d", 1795885200 },
  { "2026-11-28", 1795820400 }, { "2026-11-28 14:05", 1795871100 }, { "2026-11-28T14:05", 1795871100 },
  { "2026-11-28 14:05:09", 1795871109 }, { "2026-07-01", 1782856800 }, { "1970-01-02", 82800 },
  { "@1795885200", 1795885200 }, { "@0", 0 }, { "@400000006b0b035a00000000", 1795883856 }, { "@253402300799", 253402300799 },
};

static char const *const wrong[] = {
  "", " ", "x", "3", "h", "3hh", "3y", "-3h", "100000001s", "1000000d", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-01-32",
  "2026-1-1", "2026-11-28 ", "2026-11-28 14", "2026-11-28 14:5", "2026-11-28 14:60", "2026-11-28 25:00", "2026-11-28x14:05",
  "2026-11-28 14:05:", "2026-11-28 14:05:9", "2026-11-28 14:05:09x", "1960-01-01", "@", "@x", "@5x", "@253402300800",
  "@99999999999999999999999", "@400000006b0b035a00000000 x", "Today",
};

static void times(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t when = -1;
    if (!moment_read(&when, cases[i].text, now) || when != cases[i].is) fail_msg("%s: %lld", cases[i].text, (long long)when);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t when;
    if (moment_read(&when, wrong[i], now)) fail_msg("%s: %lld", wrong[i], (long long)when);
  }
}

static void beginnings(void **state)
{
  (void)state;
  assert_int_equal(moment_hour(now + 3599), now);
  assert_int_equal(moment_day(now), 1795820400);
  assert_int_equal(moment_day(1792900000), 1792879200);   /* the day on which summer time ends */
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(times), cmocka_unit_test(beginnings) };
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  return cmocka_run_group_tests(tests, 0, 0);
}
