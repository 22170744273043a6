/* Numbers and rates behind the colon of a destination's line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "destination_line.h"

enum { NONE = -1 };

static struct { char const *text; int number; } const numbers[] = {
  { "0", 0 }, { "1", 1 }, { "007", 7 }, { "999999", 999999 }, { "1000000", 1000000 }, { "1000001", NONE },
  { "99999999999999999999", NONE }, { "", NONE }, { " 1", NONE }, { "1 ", NONE }, { "-1", NONE }, { "1x", NONE }, { "1/60", NONE },
};

static void numbers_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    unsigned n = 77;
    bool read = destination_number_read(&n, numbers[i].text, strlen(numbers[i].text));
    if (read != (numbers[i].number != NONE) || n != (read ? (unsigned)numbers[i].number : 77)) fail_msg("%s: %u", numbers[i].text, n);
  }
}

static struct { char const *text; int messages, seconds; } const rates[] = {
  { "30", 30, 60 }, { "0", 0, 60 }, { "30/60", 30, 60 }, { "1/1", 1, 1 }, { "500/86400", 500, 86400 }, { "0/5", 0, 5 },
  { "500/86401", NONE, 0 }, { "5/0", NONE, 0 }, { "5/", NONE, 0 }, { "/5", NONE, 0 }, { "/", NONE, 0 }, { "", NONE, 0 },
  { "5/6/7", NONE, 0 }, { "5 /6", NONE, 0 }, { "5/-6", NONE, 0 }, { "1000001/60", NONE, 0 },
};

static void rates_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    struct destination_rate r = { 77, 77 };
    bool read = destination_rate_read(&r, rates[i].text, strlen(rates[i].text));
    if (read != (rates[i].messages != NONE)) fail_msg("%s", rates[i].text);
    assert_int_equal(r.messages, read ? rates[i].messages : 77);
    assert_int_equal(r.seconds, read ? rates[i].seconds : 77);
  }
}

static void rates_are_compared(void **state)
{
  struct destination_rate const none = { 0, 60 }, ten = { 10, 60 }, more = { 601, 3600 }, same = { 600, 3600 };
  (void)state;
  assert_true(destination_rate_is_stricter(ten, none) && destination_rate_is_stricter(ten, more));
  assert_false(destination_rate_is_stricter(none, ten) || destination_rate_is_stricter(more, ten));
  assert_false(destination_rate_is_stricter(none, none) || destination_rate_is_stricter(ten, same) || destination_rate_is_stricter(same, ten));
}

static struct { char const *text; bool read; unsigned lifetime, first, longest; } const schedules[] = {
  { "3600", true, 3600, 400, 99 }, { "0", true, 0, 400, 99 }, { "3600:60", true, 3600, 60, 99 }, { "3600:60:900", true, 3600, 60, 900 },
  { ":60:", true, 5, 60, 99 }, { "::900", true, 5, 400, 900 }, { ":", true, 5, 400, 99 }, { "::", true, 5, 400, 99 },
  { "315360000:604800:315360000", true, 315360000, 604800, 315360000 },
  { "315360001", false, 0, 0, 0 }, { ":604801", false, 0, 0, 0 }, { "::315360001", false, 0, 0, 0 }, { ":0", false, 0, 0, 0 },
  { "::0", false, 0, 0, 0 }, { "", false, 0, 0, 0 }, { ":::", false, 0, 0, 0 }, { "1:2:3:", false, 0, 0, 0 }, { "1h", false, 0, 0, 0 },
  { "1 :2", false, 0, 0, 0 }, { "-1", false, 0, 0, 0 },
};

static void schedules_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
    struct destination_schedule s = { 5, 400, 99 };
    bool read = destination_schedule_read(&s, schedules[i].text, strlen(schedules[i].text));
    if (read != schedules[i].read) fail_msg("%s", schedules[i].text);
    if (s.lifetime != (read ? schedules[i].lifetime : 5) || s.first != (read ? schedules[i].first : 400)
        || s.longest != (read ? schedules[i].longest : 99)) fail_msg("%s: %u %u %u", schedules[i].text, s.lifetime, s.first, s.longest);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(numbers_are_read), cmocka_unit_test(rates_are_read), cmocka_unit_test(rates_are_compared),
    cmocka_unit_test(schedules_are_read),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
