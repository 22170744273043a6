/* What belongs to a message or to a recipient: values, words, and the lines that a delivery gets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "envelope_extra.h"
#include "notify.h"
#include "xtext.h"

static struct { char letter; char const *value; bool fits; } const values[] = {
  { 'e', "QQ314159", true },
  { 'e', "a+20b+2B+3D", true },
  { 'e', "", false },
  { 'e', "a b", false },
  { 'e', "a=b", false },
  { 'e', "a+", false },
  { 'e', "a+2", false },
  { 'e', "a+2b", false },
  { 'e', "a+0A", false },
  { 'e', "a+0D+0ABcc:+20x", false },
  { 'e', "a+00", false },
  { 'e', "a+7F", false },
  { 'e', "a+E9", false },
  { 'e', "a\xc3\xa9", false },
  { 'r', "FULL", true },
  { 'r', "HDRS", true },
  { 'r', "hdrs", false },
  { 'r', "", false },
  { 'b', "7BIT", true },
  { 'b', "8BITMIME", true },
  { 'b', "BINARYMIME", true },
  { 'b', "8bitmime", false },
  { 'i', "", true },
  { 'i', "1", false },
  { 'n', "NEVER", true },
  { 'n', "SUCCESS", true },
  { 'n', "SUCCESS,FAILURE,DELAY", true },
  { 'n', "FAILURE,SUCCESS", false },
  { 'n', "never", false },
  { 'n', "NEVER,DELAY", false },
  { 'n', "", false },
  { 'o', "rfc822;u+2Bx@b.example", true },
  { 'o', "X-400;/a/b", true },
  { 'o', "rfc822;", false },
  { 'o', ";a@b", false },
  { 'o', "rfc822", false },
  { 'o', "rf c822;a", false },
  { 'o', "rfc822;a b", false },
  { 'o', "rfc822;a+0Ab", false },
  { 'o', "rfc822;a\xc3\xa9@b", false },
  { 'o', "utf-8;a\xc3\xa9@b", true },
  { 'o', "UTF-8;\\x{C3A9}@b", true },
  { 'o', "utf-8;a\xc3@b", false },
  { 'o', "utf-8;a\xff", false },
  { 'o', "utf-8;a+0A\xc3\xa9", false },
  { 'u', "0", false },
  { 'T', "a@b", false },
  { 0, "", false }
};

static void values_that_fit(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    if (extra_fits(values[i].letter, values[i].value, strlen(values[i].value)) != values[i].fits)
      fail_msg("%c %s", values[i].letter, values[i].value);
}

static void values_have_a_bound(void **state)
{
  (void)state;
  char text[EXTRA_VALUE_MAX + 8];
  memset(text, 'a', sizeof text);
  assert_true(extra_fits('e', text, EXTRA_ENVID_MAX));
  assert_false(extra_fits('e', text, EXTRA_ENVID_MAX + 1));
  memcpy(text, "rfc822;", 7);
  assert_true(extra_fits('o', text, EXTRA_VALUE_MAX));
  assert_false(extra_fits('o', text, EXTRA_VALUE_MAX + 1));
}

static void letters_belong_to_a_message_or_a_recipient(void **state)
{
  (void)state;
  unsigned seen = 0;
  for (char const *letter = "erbino"; *letter; letter++) {
    assert_true(extra_is_known(*letter, *letter == 'n' || *letter == 'o'));
    assert_false(extra_is_known(*letter, *letter != 'n' && *letter != 'o'));
    assert_true(extra_bit(*letter) && !(seen & extra_bit(*letter)));
    seen |= extra_bit(*letter);
  }
  for (char const *other = "FTKDupvzE"; *other; other++) assert_false(extra_is_known(*other, false) || extra_bit(*other));
}

static void what_was_added_is_found(void **state)
{
  (void)state;
  stralloc words = STRALLOC_ZERO;
  struct field value;
  assert_true(extra_add(&words, 'n', "SUCCESS,DELAY", 13) && extra_add(&words, 'o', "rfc822;n", 8));
  assert_true(extra_add(&words, 'i', "", 0));
  assert_true(field_is((struct field){ words.s, words.len }, "nSUCCESS,DELAY orfc822;n i"));
  assert_true(extra_find(&value, words.s, words.len, 'o') && field_is(value, "rfc822;n"));
  assert_true(extra_find(&value, words.s, words.len, 'i') && !value.len);
  assert_false(extra_find(&value, words.s, words.len, 'e'));
  assert_int_equal(extra_notify(words.s, words.len), NOTIFY_SUCCESS | NOTIFY_DELAY);
  assert_int_equal(extra_notify("", 0), 0);
  assert_int_equal(extra_notify("nmaybe", 6), 0);
  stralloc_free(&words);
}

static void lines_of_a_delivery(void **state)
{
  (void)state;
  char const *extras = "eid rFULL\n\nnNEVER";
  assert_true(field_is(extras_line(extras, 0), "eid rFULL"));
  assert_true(field_is(extras_line(extras, 1), ""));
  assert_true(field_is(extras_line(extras, 2), "nNEVER"));
  assert_true(field_is(extras_line(extras, 3), ""));
  assert_true(field_is(extras_line("", 1), ""));
}

static struct { char const *text; unsigned wishes; char const *again; } const wishes[] = {
  { "NEVER", NOTIFY_NEVER, "NEVER" },
  { "never", NOTIFY_NEVER, "NEVER" },
  { "delay,Success", NOTIFY_SUCCESS | NOTIFY_DELAY, "SUCCESS,DELAY" },
  { "SUCCESS,FAILURE,DELAY", NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, "SUCCESS,FAILURE,DELAY" },
  { "DELAY,DELAY", NOTIFY_DELAY, "DELAY" },
  { "NEVER,NEVER", NOTIFY_NEVER, "NEVER" },
  { "NEVER,DELAY", 0, "" },
  { "", 0, "" },
  { ",", 0, "" },
  { "DELAY,", 0, "" },
  { ",DELAY", 0, "" },
  { "DELAYS", 0, "" },
  { "DELAY FAILURE", 0, "" }
};

static void wishes_are_read_and_written(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
    char text[NOTIFY_TEXT];
    unsigned got = notify_scan(wishes[i].text, strlen(wishes[i].text));
    if (got != wishes[i].wishes) fail_msg("%s", wishes[i].text);
    if (got) assert_true(field_is((struct field){ text, notify_format(text, got) }, wishes[i].again));
  }
}

static void xtext_and_back(void **state)
{
  (void)state;
  stralloc coded = STRALLOC_ZERO, back = STRALLOC_ZERO;
  char printable[95];
  for (int i = 0; i < 95; i++) printable[i] = (char)(' ' + i);
  assert_true(xtext_encode(&coded, printable, sizeof printable));
  assert_true(xtext_is_printable(coded.s, coded.len));
  assert_true(xtext_decode(&back, coded.s, coded.len));
  assert_int_equal(back.len, sizeof printable);
  assert_memory_equal(back.s, printable, sizeof printable);
  back.len = 0;
  assert_true(xtext_decode(&back, "a+0Ab+", 6));
  assert_memory_equal(back.s, "a+0Ab+", 6);
  stralloc_free(&coded);
  stralloc_free(&back);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(values_that_fit), cmocka_unit_test(values_have_a_bound),
    cmocka_unit_test(letters_belong_to_a_message_or_a_recipient), cmocka_unit_test(what_was_added_is_found),
    cmocka_unit_test(lines_of_a_delivery), cmocka_unit_test(wishes_are_read_and_written), cmocka_unit_test(xtext_and_back)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
