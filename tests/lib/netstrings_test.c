/* A question or an answer as a netstring of netstrings: what is written is read, what is none is refused at once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netstrings.h"

enum { PARTS = 3 };

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static void what_is_written_is_read(void **state)
{
  static char const wanted[] = "16:3:a:b,0:,4:,,,,,,";
  struct field const parts[PARTS] = { text("a:b"), text(""), text(",,,,") };
  struct field again[PARTS];
  char bytes[64];
  (void)state;
  size_t len = netstrings_pack(bytes, sizeof bytes, parts, PARTS);
  assert_int_equal(len, strlen(wanted));
  assert_memory_equal(bytes, wanted, len);
  for (size_t i = 0; i < len; i++) assert_int_equal(netstrings_unpack(again, PARTS, bytes, i, sizeof bytes), 0);
  assert_int_equal(netstrings_unpack(again, PARTS, bytes, sizeof bytes, sizeof bytes), len);
  for (size_t i = 0; i < PARTS; i++) {
    assert_int_equal(again[i].len, parts[i].len);
    assert_memory_equal(again[i].s, parts[i].s, parts[i].len);
  }
}

static void no_more_than_the_bound(void **state)
{
  struct field const parts[PARTS] = { text("a:b"), text(""), text(",,,,") };
  struct field again[PARTS];
  char bytes[64];
  (void)state;
  size_t len = netstrings_pack(bytes, sizeof bytes, parts, PARTS);
  assert_int_equal(netstrings_pack(bytes, len, parts, PARTS), len);
  assert_int_equal(netstrings_pack(bytes, len - 1, parts, PARTS), 0);
  assert_int_equal(netstrings_unpack(again, PARTS, bytes, len, len), len);
  assert_int_equal(netstrings_unpack(again, PARTS, bytes, len, len - 1), -1);
}

static void what_is_none_is_refused(void **state)
{
  static char const *const wrong[] = {
    "x", ":", "-1:", "01:", "99999:", "100000:",      /* no length, or one beyond the bound */
    "9:0:,0:,0:,x",                                   /* no end */
    "6:0:,0:,,", "12:0:,0:,0:,0:,,",                  /* too few, too many */
    "9:0:,0:,5:,,", "9:0:,0:,00:,"                    /* one that goes on behind the end of all */
  };
  struct field parts[PARTS];
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(netstrings_unpack(parts, PARTS, wrong[i], strlen(wrong[i]), 64), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_written_is_read),
    cmocka_unit_test(no_more_than_the_bound),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
