#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "quota.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* What is written, and how it is stored; null: no quota. */
static struct { char const *given, *stored; } const texts[] = {
  { "", "NOQUOTA" },
  { "NOQUOTA", "NOQUOTA" },
  { "noquota", "NOQUOTA" },
  { "No", "NOQUOTA" },
  { "N", 0 },
  { "0", "NOQUOTA" },
  { "0S,0C", "NOQUOTA" },
  { "12345", "12345S" },
  { "007", "7S" },
  { "12345s", "12345S" },
  { "12345B", "12345S" },
  { "50K", "51200S" },
  { "50KB", "51200S" },
  { "50Kb", "51200S" },
  { "10M", "10485760S" },
  { "10mb", "10485760S" },
  { "2G", "2147483648S" },
  { "2gb", "2147483648S" },
  { "5000000S", "5000000S" },
  { "1000C", "1000C" },
  { "1000c", 0 },
  { "5000000S,1000C", "5000000S,1000C" },
  { "1000C,5M", "5242880S,1000C" },
  { "1000C,5", "5S,1000C" },
  { "0S,10C", "10C" },
  { "1S,2S", 0 },
  { "1C,2C", 0 },
  { "1S,", 0 },
  { ",1S", 0 },
  { ",", 0 },
  { "1S,,2C", 0 },
  { "S", 0 },
  { "-1S", 0 },
  { " 1S", 0 },
  { "1S ", 0 },
  { "1 S", 0 },
  { "1SS", 0 },
  { "1KS", 0 },
  { "1BK", 0 },
  { "1T", 0 },
  { "1.5M", 0 },
  { "9223372036854775806", "9223372036854775806S" },
  { "9223372036854775807", "9223372036854775807S" },
  { "9223372036854775808", 0 },
  { "18446744073709551617", 0 },
  { "99999999999999999999999999S", 0 },
  { "8589934591G", "9223372035781033984S" },
  { "8589934592G", 0 },
  { "9223372036854775807S,9223372036854775807C", "9223372036854775807S,9223372036854775807C" },
  { "9223372036854775807S,9223372036854775808C", 0 },
};

static void texts_of_quotas(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(texts); i++) {
    char text[QUOTA_TEXT_SIZE];
    struct quota q = { 1, 1 };
    bool is_one = quota_parse(&q, texts[i].given, strlen(texts[i].given));
    if (is_one != (texts[i].stored != 0)) fail_msg("%s", texts[i].given);
    size_t len = quota_text(text, &q);
    assert_string_equal(text, is_one ? texts[i].stored : "NOQUOTA");
    assert_int_equal(len, strlen(text));
  }
}

static void a_nul_is_no_end(void **state)
{
  (void)state;
  struct quota q;
  assert_false(quota_parse(&q, "1S\0", 3));
}

#define BIG ((uint64_t)INT64_MAX)
#define NONE 0

static struct { struct quota limit; struct quota_usage usage; uint64_t size; bool fits; } const rooms[] = {
  { { NONE, NONE }, { BIG, BIG }, BIG, true },
  { { 100, NONE }, { 0, 0 }, 99, true },
  { { 100, NONE }, { 0, 0 }, 100, true },
  { { 100, NONE }, { 0, 0 }, 101, false },
  { { 100, NONE }, { 60, 1 }, 39, true },
  { { 100, NONE }, { 60, 1 }, 40, true },
  { { 100, NONE }, { 60, 1 }, 41, false },
  { { 100, NONE }, { 100, 1 }, 0, true },
  { { 100, NONE }, { 101, 1 }, 0, false },
  { { 100, NONE }, { 60, BIG }, 40, true },
  { { NONE, 10 }, { BIG, 8 }, BIG, true },
  { { NONE, 10 }, { BIG, 9 }, BIG, true },
  { { NONE, 10 }, { 0, 10 }, 1, false },
  { { NONE, 10 }, { 0, 11 }, 1, false },
  { { 100, 10 }, { 60, 9 }, 40, true },
  { { 100, 10 }, { 60, 10 }, 40, false },
  { { 100, 10 }, { 61, 9 }, 40, false },
  { { BIG, BIG }, { BIG - 1, BIG - 1 }, 1, true },
  { { BIG, BIG }, { BIG - 1, BIG - 1 }, 2, false },
  { { BIG, BIG }, { 1, 1 }, UINT64_MAX, false },
};

static void a_mailbox_may_be_full(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(rooms); i++)
    if (quota_fits(&rooms[i].limit, &rooms[i].usage, rooms[i].size) != rooms[i].fits) fail_msg("row %zu", i);
}

static struct { struct quota limit; struct quota_usage usage; uint64_t percent; } const uses[] = {
  { { NONE, NONE }, { 5, 5 }, 0 },
  { { 1000, NONE }, { 0, 9 }, 0 },
  { { 1000, NONE }, { 899, 9 }, 89 },
  { { 1000, NONE }, { 900, 9 }, 90 },
  { { 1000, NONE }, { 999, 9 }, 99 },
  { { 1000, NONE }, { 1000, 9 }, 100 },
  { { 1000, NONE }, { 2500, 9 }, 250 },
  { { NONE, 10 }, { 5000, 9 }, 90 },
  { { 1000, 10 }, { 500, 9 }, 90 },
  { { 1000, 10 }, { 950, 9 }, 95 },
  { { BIG, NONE }, { BIG, 0 }, 100 },
  { { BIG, NONE }, { BIG / 10 * 9 - 10, 0 }, 89 },
  { { 1, NONE }, { BIG, 0 }, UINT64_MAX },
};

static void the_larger_percentage_counts(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(uses); i++)
    if (quota_percent(&uses[i].limit, &uses[i].usage) != uses[i].percent) fail_msg("row %zu", i);
}

static void what_is_added(void **state)
{
  (void)state;
  static struct { uint64_t before, size, after; } const sums[] = {
    { 0, 5, 5 }, { BIG - 1, 0, BIG - 1 }, { BIG - 1, 1, BIG }, { BIG - 1, 2, BIG }, { BIG, UINT64_MAX, BIG }
  };
  for (size_t i = 0; i < COUNT(sums); i++) {
    struct quota_usage usage = { sums[i].before, 3 };
    quota_usage_add(&usage, sums[i].size);
    assert_true(usage.bytes == sums[i].after && usage.messages == 4);
  }
}

static void equal_quotas(void **state)
{
  (void)state;
  struct quota a = { 1, 2 }, b = { 1, 2 }, c = { 1, 3 }, d = { 2, 2 };
  assert_true(quota_same(&a, &b));
  assert_false(quota_same(&a, &c) || quota_same(&a, &d));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(texts_of_quotas),
    cmocka_unit_test(a_nul_is_no_end),
    cmocka_unit_test(a_mailbox_may_be_full),
    cmocka_unit_test(the_larger_percentage_counts),
    cmocka_unit_test(what_is_added),
    cmocka_unit_test(equal_quotas)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
