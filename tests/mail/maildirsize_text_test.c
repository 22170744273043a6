#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "maildirsize_text.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define BIG "9223372036854775807"

static struct { char const *text; bool sound; uint64_t bytes, messages; size_t lines; } const texts[] = {
  { "", false, 0, 0, 0 },
  { "1000S", false, 0, 0, 0 },
  { "1000S\n", false, 0, 0, 0 },
  { "1000S\n0 0\n", true, 0, 0, 1 },
  { "1000S\n500 7\n", true, 500, 7, 1 },
  { "1000S\n500 7", false, 0, 0, 0 },
  { "1000S\n500 7\n1", false, 0, 0, 0 },
  { "1000S\n500 7\n-100 -2\n\t +20  1 \n", true, 420, 6, 3 },
  { "1000S\n        500            7\n", true, 500, 7, 1 },
  { "1000S\n500 7\n-501 -2\n", false, 0, 0, 0 },
  { "1000S\n500 7\n-1 -8\n", false, 0, 0, 0 },
  { "1000S\n-100 -1\n500 7\n", true, 400, 6, 2 },
  { "1000S\n500\n", false, 0, 0, 0 },
  { "1000S\n500 7 1\n", false, 0, 0, 0 },
  { "1000S\n500,7\n", false, 0, 0, 0 },
  { "1000S\n500S 7\n", false, 0, 0, 0 },
  { "1000S\n- 7\n", false, 0, 0, 0 },
  { "1000S\n--1 7\n", false, 0, 0, 0 },
  { "1000S\n500 7\r\n", false, 0, 0, 0 },
  { "1000S\n\n500 7\n", false, 0, 0, 0 },
  { "1000S\n" BIG " " BIG "\n", true, INT64_MAX, INT64_MAX, 1 },
  { "1000S\n" BIG " 0\n1 0\n", false, 0, 0, 0 },
  { "1000S\n0 " BIG "\n0 1\n", false, 0, 0, 0 },
  { "1000S\n9223372036854775808 0\n", false, 0, 0, 0 },
  { "1000S\n-" BIG " 0\n-2 0\n" BIG " 0\n", false, 0, 0, 0 },
  { "\n500 7\n", true, 500, 7, 1 },
  { "what\n500 7\n", false, 0, 0, 0 },
};

static void sums(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(texts); i++) {
    struct maildirsize_text t;
    bool sound = maildirsize_text_parse(&t, texts[i].text, strlen(texts[i].text));
    if (sound != texts[i].sound) fail_msg("%s", texts[i].text);
    if (!sound) continue;
    assert_true(t.usage.bytes == texts[i].bytes && t.usage.messages == texts[i].messages);
    assert_int_equal(t.lines, texts[i].lines);
  }
}

static void a_nul_is_no_blank(void **state)
{
  (void)state;
  struct maildirsize_text t;
  assert_false(maildirsize_text_parse(&t, "1000S\n5 1\n\0\0\n", 13));
}

static void the_limit_of_a_damaged_one_is_told(void **state)
{
  (void)state;
  struct maildirsize_text t;
  assert_false(maildirsize_text_parse(&t, "1000S,5C\nx", 10));
  assert_true(t.limit.bytes == 1000 && t.limit.messages == 5);
  assert_false(maildirsize_text_parse(&t, "what\nx", 6));
  assert_true(quota_is_none(&t.limit));
}

enum { NOW = 1000000000, DAY = MAILDIRSIZE_AGE, QUARTER = MAILDIRSIZE_FULL_AGE };

/* A ledger of limit 1000S,10C that sums up to so much in so many lines. */
static struct { struct quota_usage usage; size_t lines; uint64_t limit, size; time_t modified, made; bool holds; } const beliefs[] = {
  { { 500, 5 }, 1, 1000, 100, NOW, NOW, true },
  { { 500, 5 }, 9, 1000, 100, NOW, NOW, true },
  { { 500, 5 }, 1, 1001, 100, NOW, NOW, false },
  { { 500, 5 }, 9, 1000, 100, NOW - DAY, NOW - DAY, true },
  { { 500, 5 }, 9, 1000, 100, NOW, NOW - DAY - 1, false },
  { { 500, 5 }, 9, 1000, 100, NOW, NOW + 2, false },
  { { 500, 5 }, 9, 1000, 100, NOW, NOW + 1, true },
  { { 500, 5 }, 9, 1000, 100, NOW - DAY - 1, 0, true },
  { { 900, 5 }, 9, 1000, 99, NOW, NOW, true },
  { { 900, 5 }, 9, 1000, 100, NOW, NOW, true },
  { { 900, 5 }, 2, 1000, 101, NOW, NOW, false },
  { { 900, 5 }, 1, 1000, 101, NOW, NOW, true },
  { { 900, 5 }, 1, 1000, 101, NOW - QUARTER, NOW, true },
  { { 900, 5 }, 1, 1000, 101, NOW - QUARTER - 1, NOW, false },
  { { 900, 5 }, 1, 1000, 101, NOW + 2, NOW, false },
  { { 500, 9 }, 2, 1000, 1, NOW, NOW, true },
  { { 500, 10 }, 2, 1000, 1, NOW, NOW, false },
  { { 500, 10 }, 1, 1000, 1, NOW, NOW, true },
};

static void what_is_believed(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(beliefs); i++) {
    struct maildirsize_text const t = { .limit = { 1000, 10 }, .usage = beliefs[i].usage, .lines = beliefs[i].lines };
    struct quota const limit = { beliefs[i].limit, 10 };
    struct maildirsize_times const times = { .now = NOW, .modified = beliefs[i].modified, .made = beliefs[i].made };
    if (maildirsize_text_holds(&t, &limit, beliefs[i].size, &times) != beliefs[i].holds) fail_msg("row %zu", i);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(sums),
    cmocka_unit_test(a_nul_is_no_blank),
    cmocka_unit_test(the_limit_of_a_damaged_one_is_told),
    cmocka_unit_test(what_is_believed)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
