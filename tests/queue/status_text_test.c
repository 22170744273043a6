/* What a report says to programs of one recipient. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "status_text.h"

static struct { enum status_action action; char const *text, *code; } const codes[] = {
  { STATUS_FAILED, "No such user. (#5.1.1)\n", "5.1.1" },
  { STATUS_FAILED, "a (#5.1.1)\nb (#5.2.2)\n", "5.2.2" },
  { STATUS_FAILED, "", "5.0.0" },
  { STATUS_FAILED, "no\n", "5.0.0" },
  { STATUS_FAILED, "no (#5.1)\n", "5.0.0" },
  { STATUS_FAILED, "no (#5.1.1.1)\n", "5.0.0" },
  { STATUS_FAILED, "no (#5.01.1)\n", "5.0.0" },
  { STATUS_FAILED, "no (#5.1.1234)\n", "5.0.0" },
  { STATUS_FAILED, "no (#3.1.1)\n", "5.0.0" },
  { STATUS_FAILED, "no (#5.1.1", "5.0.0" },
  { STATUS_FAILED, "no (#", "5.0.0" },
  { STATUS_FAILED, "waited (#4.4.1)\nI'm not going to try again\n", "4.4.1" },
  { STATUS_FAILED, "well (#2.0.0)\n", "5.0.0" },
  { STATUS_FAILED, "1.2.3.4 does not like recipient.\nRemote host said: 550 5.7.1 no (#5.1.1)\n", "5.7.1" },
  { STATUS_FAILED, "1.2.3.4 does not like recipient.\nRemote host said: 550-5.7.26 no\n550 5.7.1 really\n", "5.7.26" },
  { STATUS_FAILED, "x\nRemote host said: 550 no such user (#5.2.1)\n", "5.1.1" },
  { STATUS_FAILED, "x\nRemote host said: 554 no\n", "5.0.0" },
  { STATUS_FAILED, "x\nRemote host said: 451 4.7.1 later\ntoo long\n", "4.7.1" },
  { STATUS_FAILED, "x\nRemote host said: 550 4.7.1 whatever\n", "5.1.1" },
  { STATUS_FAILED, "x\nRemote host said: hello\nno (#5.9.9)\n", "5.9.9" },
  { STATUS_FAILED, "x\nRemote host said: 55", "5.0.0" },
  { STATUS_DELAYED, "no connection (#4.4.1)\n", "4.4.1" },
  { STATUS_DELAYED, "odd (#5.4.1)\n", "4.0.0" },
  { STATUS_DELIVERED, "Delivered.\n", "2.0.0" },
  { STATUS_RELAYED, "1.2.3.4 accepted message.\nRemote host said: 250 2.6.0 ok\n", "2.6.0" },
  { STATUS_RELAYED, "1.2.3.4 accepted message.\nRemote host said: 250 ok\n", "2.0.0" }
};

static void codes_of_texts(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    char code[STATUS_CODE_MAX];
    status_code(code, codes[i].action, field_of(codes[i].text));
    if (strcmp(code, codes[i].code)) fail_msg("%s: %s", codes[i].text, code);
  }
}

static char const *group(struct status const *s)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  assert_true(status_add(&text, s) && bytes_z(&text));
  return text.s;
}

static void fields_of_a_recipient(void **state)
{
  (void)state;
  assert_string_equal(
    group(&(struct status){ .action = STATUS_FAILED, .recipient = field_of("r@x"), .original = field_of("rfc822;a+2Bb@y"),
                            .text = field_of("Connected to 2001:db8::1 but sender was rejected.\n"
                                             "Remote host said: 553-5.1.8 a\033b\n553 c\nGiving up on 2001:db8::1.\n") }),
    "\nOriginal-Recipient: rfc822; a+b@y\nFinal-Recipient: rfc822; r@x\nAction: failed\nStatus: 5.1.8\n"
    "Remote-MTA: dns; [2001:db8::1]\nDiagnostic-Code: smtp; 553-5.1.8 a?b\n  553 c\n");
  assert_string_equal(
    group(&(struct status){ .action = STATUS_DELAYED, .recipient = field_of("gr\xc3\xbc\xc3\x9f@x\r\nBcc: y"),
                            .original = field_of("utf-8;\xf0\x9f\x98\x80@y"), .text = field_of("wait\n(#4.2.1)\n") }),
    "\nOriginal-Recipient: utf-8; \\x{1F600}@y\nFinal-Recipient: utf-8; gr\\x{FC}\\x{DF}@x__Bcc: y\nAction: delayed\n"
    "Status: 4.2.1\nDiagnostic-Code: x-qmail; wait\n  (#4.2.1)\nWill-Retry-Until: 1 Jan 1970 00:00:00 -0000\n");
  assert_string_equal(group(&(struct status){ .action = STATUS_DELIVERED, .recipient = field_of("r@x"), .original = field_of(""),
                                              .text = field_of("") }),
                      "\nFinal-Recipient: rfc822; r@x\nAction: delivered\nStatus: 2.0.0\n");
}

/* A field has lines of less than 998 bytes, and no more of a talkative server than anybody reads. */
static void what_a_server_says_has_a_bound(void **state)
{
  (void)state;
  static char text[10000];
  memset(text, 'a', sizeof text - 1);
  memcpy(text, "1.2.3.4 failed\nRemote host said: 550 ", 37);
  char const *said = group(&(struct status){ .recipient = field_of("r@x"), .original = field_of(""), .text = field_of(text) });
  assert_true(strlen(said) < 2200);
  for (char const *line = said; *line; line += strcspn(line, "\n") + 1) assert_true(strcspn(line, "\n") < 998);
}

static struct { char const *text; bool is; char const *recipient, *rest; } const paragraphs[] = {
  { "<a@b>:\nno\n", true, "a@b", "no\n" },
  { "<a>:\n", true, "a", "" },
  { "<>:\nno\n", true, "", "no\n" },
  { "<a@b>\nno\n", false, "", "" },
  { "Hi. This is\n", false, "", "" },
  { ">:\n", false, "", "" },
  { "<a>:", false, "", "" },
  { "", false, "", "" }
};

static void paragraphs_of_recipients(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++) {
    struct status s = { .action = STATUS_FAILED };
    assert_int_equal(status_of_paragraph(&s, paragraphs[i].text, strlen(paragraphs[i].text)), paragraphs[i].is);
    if (!paragraphs[i].is) continue;
    assert_true(field_is(s.recipient, paragraphs[i].recipient));
    assert_true(field_is(s.text, paragraphs[i].rest));
  }
}

static void success_is_known_again(void **state)
{
  (void)state;
  for (int i = STATUS_DELIVERED; i < STATUS_ACTIONS; i++)
    assert_int_equal(status_action_of(field_of(status_success[i])), i);
  assert_int_equal(status_action_of(field_of("Deliver")), STATUS_FAILED);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(codes_of_texts), cmocka_unit_test(fields_of_a_recipient), cmocka_unit_test(what_a_server_says_has_a_bound),
    cmocka_unit_test(paragraphs_of_recipients), cmocka_unit_test(success_is_known_again)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
