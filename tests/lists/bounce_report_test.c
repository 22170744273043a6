/* What bounces say, in the two forms that are understood. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <skalibs/stralloc.h>

#include "bounce_report.h"
#include "list_answer.h"
#include "text.h"

#define QMAIL "From: MAILER-DAEMON@example.net\nSubject: failure notice\n\n"
#define HI "Hi. This is the qmail-send program at example.net.\nSorry.\n\n"
#define REPORT "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b b\"\n\n--b b\n\ntext\n--b b\nContent-Type: "
#define STATUS REPORT "message/delivery-status\n\nReporting-MTA: dns; x\n\n"
#define TEXT "--b b\nContent-Type: message/rfc822\n\nFinal-Recipient: rfc822; not@me\n\n--b b--\n"

/* Each recipient as ADDRESS, and ! where the reason lasts, ? where it passes. */
static struct { char const *message, *found; } const messages[] = {
  { QMAIL HI "<joe@example.com>:\nNo such user. (#5.1.1)\n\n--- Below this line\n\n<not@me>:\n", "joe@example.com!" },
  { QMAIL HI "<joe@example.com>:\nfull (#5.2.2)\n\n<ann@b>:\nno\n\n--- Below", "joe@example.com?ann@b!" },
  { QMAIL "--boundary\nContent-Type: text/plain\n\n" HI "<joe@example.com>:\nRemote host said: 452 4.2.2 full\n\n", "joe@example.com?" },
  { QMAIL HI "more words\n\n<joe@example.com>:\n192.0.2.5 does not like recipient.\nRemote host said: 550 5.1.1 who?\n", "joe@example.com!" },
  { QMAIL HI "<joe@example.com>:\nI waited too long. (#4.4.1)\n", "joe@example.com!" },
  { QMAIL HI "<joe@example.com>:\ntwo words\n\nof it 4.3.1\n\n<>:\n\n<a b@c>:\n<next@d>:\n", "joe@example.com!a b@c!" },
  { QMAIL "Hello. This is the postmaster.\n\n<joe@example.com>:\nno\n", "" },
  { QMAIL, "" }, { "", "" }, { "\n\n\n", "" }, { "x", "" },
  { STATUS "Final-Recipient: rfc822; joe@example.com\nAction: failed\nStatus: 5.1.1\n\n" TEXT, "joe@example.com!" },
  { STATUS "Final-Recipient: rfc822;<joe@example.com>\nAction: FAILED\nStatus: 5.2.2 (full)\n\n" TEXT, "joe@example.com?" },
  { STATUS "Final-Recipient: rfc822; x@y\nOriginal-Recipient: rfc822; joe+2Bz@example.com\nAction: failed\nStatus: 4.3.1\n\n" TEXT, "joe+z@example.com?" },
  { STATUS "Final-Recipient: rfc822; a@b\nAction: delayed\nStatus: 4.4.7\n\nFinal-Recipient: rfc822; c@d\nStatus: 4.4.7\n" TEXT, "c@d!" },
  { STATUS "Final-Recipient: rfc822; a@b\nStatus: 5.0.0\nDiagnostic-Code: smtp;\n 552 5.2.2 over quota\n" TEXT, "a@b?" },
  { STATUS "Final-Recipient: rfc822; a@b\nStatus: none\nDiagnostic-Code: smtp; 10.5.2.2 is no code\n" TEXT, "a@b!" },
  { REPORT "text/plain\n\nFinal-Recipient: rfc822; a@b\n\n" TEXT, "" },
  { STATUS "Final-Recipient: a@b", "a@b!" },
};

static void note(void *arg, struct bounce_failure const *f)
{
  text_addb(arg, f->address.s, f->address.len);
  text_add(arg, f->passes ? "?" : "!");
}

static void recipients_are_found(void **state)
{
  stralloc found = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    found.len = 0;
    bounce_failures(field_of(messages[i].message), note, &found);
    assert_string_equal(text_z(&found), messages[i].found);
    assert_int_equal(bounce_passes(field_of(messages[i].message)), *messages[i].found && !strchr(messages[i].found, '!'));
  }
  stralloc_free(&found);
}

static struct { char const *text; bool passes; } const codes[] = {
  { "(#5.2.2)", true }, { "552 5.2.2 full", true }, { "4.2.2", true }, { "4.3.1.", true }, { "4.2.1", true },
  { "4.4.1", false }, { "4.4.7 expired", false }, { "5.1.1", false }, { "5.2.1", false }, { "", false }, { "5.2", false },
  { "5.2.2.9", false }, { "15.2.2", false }, { "5.2.2222", false }, { "x5.2.2", false }, { "550-5.2.2 full", true }, { "5.1.1 then 5.2.2", false },
};

static void a_full_mailbox_is_not_a_dead_one(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (bounce_status_passes(field_of(codes[i].text)) != codes[i].passes) fail_msg("%s", codes[i].text);
}

static struct { char const *message; uint64_t lines; char const *beginning; } const beginnings[] = {
  { "a: b\nc: d\n\nbody\n", 0, "a: b\nc: d\n" },
  { "a: b\n\none\ntwo\nthree\n", 1, "a: b\n\none\n" },
  { "a: b\n\none\ntwo", 2, "a: b\n\none\ntwo" },
  { "a: b\n\none\ntwo", 9, "a: b\n\none\ntwo" },
  { "a: b", 0, "a: b" }, { "", 3, "" }, { "\nbody", 0, "" }, { "\nbody\n\nx\n", 2, "\nbody\n\n" },
};

static void as_much_of_a_message_as_is_wanted(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
    struct field const f = message_beginning(field_of(beginnings[i].message), beginnings[i].lines);
    if (!field_is(f, beginnings[i].beginning)) fail_msg("%zu: %.*s", i, (int)f.len, f.s);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(recipients_are_found), cmocka_unit_test(a_full_mailbox_is_not_a_dead_one), cmocka_unit_test(as_much_of_a_message_as_is_wanted)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
