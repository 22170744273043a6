/* What qmail-send notes of a deferral qmail-qctl finds; what is no such line, or of another message, it does not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "deferral.h"

static void add(stralloc *to, uint32_t fingerprint, uint64_t offset, uint64_t when, char const *host, char const *text)
{
  struct deferral d = { fingerprint, offset, when, host, text, strlen(host), strlen(text) };
  assert_int_equal(deferral_pack(to, &d), 1);
}

static void expect(stralloc const *file, uint64_t offset, uint64_t when, char const *host, char const *text)
{
  struct deferral d;
  assert_true(deferral_find(&d, file, 7, offset));
  assert_int_equal(d.when, when);
  assert_int_equal(d.host_len, strlen(host));
  assert_memory_equal(d.host, host, d.host_len);
  assert_int_equal(d.text_len, strlen(text));
  assert_memory_equal(d.text, text, d.text_len);
}

static void test_the_last_one_of_the_message_counts(void **state)
{
  (void)state;
  stralloc file = STRALLOC_ZERO;
  struct deferral d;
  add(&file, 7, 10, 100, "x.example", "early\n");
  add(&file, 7, 20, 150, "", "a user\n");
  add(&file, 7, 10, 200, "y example", "late, 50%\n\nmore");
  add(&file, 8, 10, 300, "z.example", "of another message");
  expect(&file, 10, 200, "y_example", "late,_50_//more");
  expect(&file, 20, 150, "-", "a_user/");
  assert_false(deferral_find(&d, &file, 7, 30));
  assert_false(deferral_find(&d, &file, 9, 10));
  stralloc_free(&file);
}

static void test_bounds(void **state)
{
  (void)state;
  static char host[1000], text[5000];
  stralloc file = STRALLOC_ZERO;
  struct deferral d;
  memset(host, 'h', sizeof host - 1);
  memset(text, 't', sizeof text - 1);
  add(&file, UINT32_MAX, INT64_MAX, INT64_MAX, host, text);
  assert_true(deferral_find(&d, &file, UINT32_MAX, INT64_MAX));
  assert_true(d.when == INT64_MAX && d.host_len >= DEFERRAL_HOST_MAX && d.host_len < DEFERRAL_HOST_MAX + 10);
  assert_true(d.text_len >= DEFERRAL_TEXT_MAX && d.text_len < DEFERRAL_TEXT_MAX + 10);
  stralloc_free(&file);
}

static char const *const none[] = {
  "", " ", "7", "7 10", "7 10 100", "7 10 100 h", "7 10 100  t", "x 10 100 h t", "7 -1 100 h t", "4294967296 10 100 h t",
  "7 10 99999999999999999999 h t", " 7 10 100 h t"
};

static void test_no_lines(void **state)
{
  (void)state;
  struct deferral d;
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (deferral_unpack(&d, none[i], strlen(none[i]))) fail_msg("%s", none[i]);
  assert_true(deferral_unpack(&d, "7 10 100 h ", 11));
  stralloc torn = STRALLOC_ZERO;
  assert_int_equal(bytes_set(&torn, "7 10 100 h torn"), 1);
  assert_false(deferral_find(&d, &torn, 7, 10));
  stralloc_free(&torn);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_the_last_one_of_the_message_counts),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_no_lines)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
