/* What stands before a message, and what a client says of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "serial_head.h"
#include "serial_result.h"

static struct { char const *text, *prefix; enum serial_head_result is; char const *sender, *recipient, *rest; } const heads[] = {
  { "Return-Path: <a@b>\nDelivered-To: p-joe@c\nSubject: x\n", "p-", SERIAL_HEAD_OK, "a@b", "joe@c", "Subject: x\n" },
  { "Return-Path: <>\nDelivered-To: joe@c\n", "", SERIAL_HEAD_OK, "", "joe@c", "" },
  { "Return-Path: <\"a>b\"@c>\nDelivered-To: p-\n", "p-", SERIAL_HEAD_OK, "\"a>b\"@c", "", "" },
  { "Return-Path: <a@b>\nDelivered-To: P-joe@c\n", "p-", SERIAL_HEAD_OTHER, 0, 0, 0 },
  { "Return-Path: <a@b>\nDelivered-To: p\n", "p-", SERIAL_HEAD_OTHER, 0, 0, 0 },
  { "return-path: <a@b>\nDelivered-To: joe@c\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: a@b\nDelivered-To: joe@c\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <a@b\nDelivered-To: joe@c\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <a@b> \nDelivered-To: joe@c\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <\nDelivered-To: joe@c\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <a@b>\nDelivered-To: joe@c", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <a@b>\nSubject: x\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Delivered-To: joe@c\nReturn-Path: <a@b>\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "Return-Path: <a@b>\n", "", SERIAL_HEAD_NONE, 0, 0, 0 },
  { "", "", SERIAL_HEAD_NONE, 0, 0, 0 }
};

static void assert_field(struct field f, char const *is)
{
  assert_int_equal(f.len, strlen(is));
  assert_memory_equal(f.s, is, f.len);
}

static void two_lines_say_from_whom_and_to_whom(void **state)
{
  struct serial_head h;
  (void)state;
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    assert_int_equal(serial_head_read(&h, heads[i].text, strlen(heads[i].text), heads[i].prefix), heads[i].is);
    if (heads[i].is != SERIAL_HEAD_OK) continue;
    assert_field(h.sender, heads[i].sender);
    assert_field(h.recipient, heads[i].recipient);
    assert_string_equal(heads[i].text + h.len, heads[i].rest);
  }
}

static void an_address_with_a_nul_would_be_another_one(void **state)
{
  static char const text[] = "Return-Path: <a@b>\nDelivered-To: joe@c\0.d\n";
  struct serial_head h;
  (void)state;
  assert_int_equal(serial_head_read(&h, text, sizeof text - 1, ""), SERIAL_HEAD_NONE);
}

static void a_result_is_a_name_a_status_and_a_text(void **state)
{
  static char const two[] = "new/1\0Kok\nnew/2\0Z\n";
  struct serial_result r;
  (void)state;
  for (size_t len = 0; len < 10; len++) assert_int_equal(serial_result_read(&r, two, len), 0);
  assert_int_equal(serial_result_read(&r, two, sizeof two - 1), 10);
  assert_string_equal(r.name, "new/1");
  assert_int_equal(r.status, 'K');
  assert_field(r.text, "ok");
  assert_int_equal(serial_result_read(&r, two + 10, sizeof two - 11), 8);
  assert_int_equal(r.status, 'Z');
  assert_field(r.text, "");
}

static void what_is_no_result_is_known_at_once(void **state)
{
  static char endless[SERIAL_RESULT_MAX];
  struct serial_result r;
  (void)state;
  assert_int_equal(serial_result_read(&r, "new/1\0k", 7), -1);
  assert_int_equal(serial_result_read(&r, "new/1\0\0", 7), -1);
  assert_int_equal(serial_result_read(&r, "new/1\0\n", 7), -1);
  memset(endless, 'x', sizeof endless);
  assert_int_equal(serial_result_read(&r, endless, sizeof endless - 1), 0);
  assert_int_equal(serial_result_read(&r, endless, sizeof endless), -1);
  memcpy(endless, "n\0K", 3);
  assert_int_equal(serial_result_read(&r, endless, sizeof endless), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(two_lines_say_from_whom_and_to_whom),
    cmocka_unit_test(an_address_with_a_nul_would_be_another_one),
    cmocka_unit_test(a_result_is_a_name_a_status_and_a_text),
    cmocka_unit_test(what_is_no_result_is_known_at_once)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
