#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "queue_path.h"

static struct { char const *text; bool valid; uint64_t id; } const numbers[] = {
  { "", false, 0 },
  { "0", false, 0 },
  { "01", false, 0 },
  { "+1", false, 0 },
  { "-1", false, 0 },
  { " 1", false, 0 },
  { "1 ", false, 0 },
  { "1x", false, 0 },
  { ".1", false, 0 },
  { "9223372036854775808", false, 0 },
  { "18446744073709551617", false, 0 },
  { "99999999999999999999", false, 0 },
  { "9223372036854775807", true, INT64_MAX },
  { "1", true, 1 },
  { "457", true, 457 }
};

static void a_number_is_a_plain_positive_decimal(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    uint64_t id = 0;
    bool valid = queue_id_scan(numbers[i].text, strlen(numbers[i].text), &id);
    if (valid != numbers[i].valid || id != numbers[i].id) fail_msg("%s", numbers[i].text);
  }
}

static void a_number_ends_at_its_length(void **state)
{
  (void)state;
  uint64_t id;
  assert_true(queue_id_scan("4579", 3, &id));
  assert_int_equal(id, 457);
  assert_false(queue_id_scan("45\0", 3, &id));
}

static void names_follow_the_remainder(void **state)
{
  (void)state;
  char path[QUEUE_PATH_MAX];
  queue_path_id(path, 457);
  assert_string_equal(path, "20/457");
  queue_path_mess(path, 23);
  assert_string_equal(path, "mess/0/23");
  queue_path_mess(path, UINT64_MAX);
  assert_string_equal(path, "mess/5/18446744073709551615");
  queue_path_bounce(path, 457);
  assert_string_equal(path, "bounce/457");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_number_is_a_plain_positive_decimal),
    cmocka_unit_test(a_number_ends_at_its_length),
    cmocka_unit_test(names_follow_the_remainder)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
