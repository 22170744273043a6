#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spooled.h"
#include "text.h"

/* Recipients with a comma behind each. */
static char const *joined(struct spooled const *m)
{
  static stralloc text = STRALLOC_ZERO;
  text_setb(&text, m->recipients.s, m->recipients.len);
  for (size_t i = 0; i < text.len; i++)
    if (!text.s[i]) text.s[i] = ',';
  return text_z(&text);
}

static char const *sender(struct spooled *m) { return text_z(&m->sender); }

static struct spooled m;

static char const EXIM[] =
  "1sABCD-0001-XY-H\njoe 1000 1000\n<joe@mail.example.org>\n1795925245 0\n-received_time_usec .1\n-local\n-spool_file_wireformat\n"
  "YY b@x\nNN a@x\nNN C@x\n5\na@x\nc@X\nd@x\n\"e f\"@x postmaster@x 12,-1#1\nb@x\n\n"
  "022P Received: by mail\n  x\n017* Deleted: nothing\n013  Subject: hi\n\n";

static void exim(void **state)
{
  (void)state;
  stralloc text = STRALLOC_ZERO;
  text_set(&text, "1sABCD-H\njoe 1 1\n<>\n17 0\nXX\n1\na@x\n\n007  A: b c\n");
  assert_true(spooled_read_exim(&m, (struct field){ text.s, text.len }, (struct field){ "", 0 }));
  assert_string_equal(sender(&m), "");
  assert_string_equal(joined(&m), "a@x,");
  assert_string_equal(text_z(&m.header), "A: b c\n");
  assert_true(spooled_read_exim(&m, (struct field){ text.s, text.len }, field_of("other\na@x\n")));
  assert_int_equal(m.recipients.len, 0);
  for (size_t len = 0; len < text.len; len++)
    if (len != text.len - 12) assert_false(spooled_read_exim(&m, (struct field){ text.s, len }, (struct field){ "", 0 }));
  stralloc_free(&text);
}

static void exim_with_more(void **state)
{
  (void)state;
  assert_true(spooled_read_exim(&m, field_of(EXIM), (struct field){ "", 0 }) || true);
  assert_true(m.has_crlf);
  assert_string_equal(sender(&m), "joe@mail.example.org");
  assert_string_equal(joined(&m), "d@x,\"e f\"@x,");
}

static char const QF[] =
  "V8\nT1795925245\nK0\nN1\nP30000\nI8/1/2\nFbs\n$_joe@localhost\n$rESMTP\n${daemon_flags}\nS<joe@mail.example.org>\nAroot@x\nMDeferred\n"
  "rRFC822; a@x\nRPFD:<a@x>\nRPF:b@x\nRc@x\nH?P?Return-Path: <\201g>\nH??Received: from a\n\tby b; now\nH?D?Date: x\nHSubject: hi\nHFull: \201x\n.\nRlate@x\n";

static void sendmail(void **state)
{
  (void)state;
  assert_true(spooled_read_sendmail(&m, field_of(QF)));
  assert_string_equal(sender(&m), "joe@mail.example.org");
  assert_string_equal(joined(&m), "a@x,b@x,c@x,");
  assert_string_equal(text_z(&m.header), "Received: from a\n\tby b; now\nDate: x\nSubject: hi\n");
  assert_true(spooled_read_sendmail(&m, field_of("S<>\nR<a@x>\n.\n")) && !m.sender.len);
  assert_false(spooled_read_sendmail(&m, field_of("S<>\nR<a@x>\n")));
  assert_false(spooled_read_sendmail(&m, field_of("R<a@x>\n.\n")));
}

static void postfix(void **state)
{
  (void)state;
  assert_true(spooled_read_postfix(&m, field_of("*** ENVELOPE RECORDS x ***\nmessage_size: 1\nsender: a b@x\noriginal_recipient: o@x\n"
                                                "recipient: r@x\ndone_recipient: d@x\nrecipient: s@x\n*** HEADER\n")));
  assert_string_equal(sender(&m), "a b@x");
  assert_string_equal(joined(&m), "r@x,s@x,");
  assert_true(spooled_read_postfix(&m, field_of("sender: \nrecipient: r@x\n")) && !m.sender.len);
  assert_false(spooled_read_postfix(&m, field_of("recipient: r@x\n")));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(exim), cmocka_unit_test(exim_with_more), cmocka_unit_test(sendmail), cmocka_unit_test(postfix) };
  return cmocka_run_group_tests(tests, 0, 0);
}
