/* Which headers hold the line, however they are cut into pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "loop.h"

#define LINE "Delivered-To: joe@h\n"

static struct { char const *message; bool found; } const messages[] = {
  { "", false },
  { "\n" LINE, false },
  { LINE, true },
  { "Delivered-To: joe@h", false },
  { "Delivered-To: joe@H\n\n", false },
  { " " LINE "\n", false },
  { "Delivered-To: joe@h \n\n", false },
  { "Delivered-To: joe@hh\n" LINE, true },
  { "Subject: x\r\n\r\n" LINE, true },
  { "Subject: x\n\n" LINE, false },
  { "X: Delivered-To: joe@h\n\n", false },
  { "X: y\n" LINE "\nbody", true },
};

static void found_however_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    char const *s = messages[i].message;
    for (size_t piece = 1; piece <= strlen(s) + 1; piece++) {
      struct loop_scan scan;
      loop_scan_begin(&scan, LINE, strlen(LINE));
      for (size_t at = 0; at < strlen(s); at += piece)
        loop_scan_feed(&scan, s + at, strlen(s + at) < piece ? strlen(s + at) : piece);
      if (scan.found != messages[i].found) fail_msg("message %zu in pieces of %zu", i, piece);
    }
  }
}

static void a_line_of_any_length_is_only_counted(void **state)
{
  (void)state;
  struct loop_scan scan;
  static char const block[1 << 20];
  loop_scan_begin(&scan, LINE, strlen(LINE));
  for (int i = 0; i < 64; i++) loop_scan_feed(&scan, block, sizeof block);
  loop_scan_feed(&scan, "\n" LINE, strlen("\n" LINE));
  assert_true(scan.found);
}

static void letters_may_be_the_same(void **state)
{
  (void)state;
  static char const *const same[] = { "delivered-to: JOE@h\n", "DELIVERED-TO: joe@H\n\n", LINE };
  static char const *const others[] = { "Delivered-To: joe@i\n", "Delivered-To:  joe@h\n", "Delivered-To: joe`h\n" };
  for (size_t i = 0; i < 2 * 3; i++) {
    struct loop_scan scan;
    char const *s = i < 3 ? same[i] : others[i - 3];
    loop_scan_begin(&scan, LINE, strlen(LINE));
    scan.any_case = true;
    loop_scan_feed(&scan, s, strlen(s));
    assert_int_equal(scan.found, i < 3);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(found_however_cut),
    cmocka_unit_test(letters_may_be_the_same),
    cmocka_unit_test(a_line_of_any_length_is_only_counted)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
