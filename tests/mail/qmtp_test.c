/* What a client of QMTP says, and which answers it takes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qmtp.h"

static void a_message_is_three_netstrings(void **state)
{
  struct field const recipients[] = { field_of("a@b.example"), field_of("c d@e") };
  stralloc wire = STRALLOC_ZERO;
  (void)state;
  assert_true(qmtp_begin(&wire, 3));
  assert_true(stralloc_catb(&wire, "hi\n", 3));
  assert_true(qmtp_end(&wire, field_of("x y@z"), recipients, 2));
  assert_true(stralloc_0(&wire));
  assert_string_equal(wire.s, "4:\nhi\n,5:x y@z,23:11:a@b.example,5:c d@e,,");
  wire.len = 0;
  assert_true(qmtp_end(&wire, field_of(""), recipients, 1) && stralloc_0(&wire));
  assert_string_equal(wire.s, ",0:,15:11:a@b.example,,");
  stralloc_free(&wire);
}

static struct { char const *said; enum qmtp_state is; char verdict; char const *text; } const answers[] = {
  /* said            is              verdict  text */
  { "3:Kok,",        QMTP_DONE,      'K',     "ok" },
  { "1:Z,",          QMTP_DONE,      'Z',     "" },
  { "5:D\n,:1,",     QMTP_DONE,      'D',     "\n,:1" },
  { "3:Kok",         QMTP_MORE,      'K',     "ok" },
  { "3",             QMTP_MORE,      0,       "" },
  { "",              QMTP_MORE,      0,       "" },
  { "0:,",           QMTP_SENSELESS, 0,       0 },
  { ":,",            QMTP_SENSELESS, 0,       0 },
  { "03:Kok,",       QMTP_SENSELESS, 0,       0 },
  { "3:kok,",        QMTP_SENSELESS, 0,       0 },
  { "3:Kok;",        QMTP_SENSELESS, 0,       0 },
  { "3:Koke",        QMTP_SENSELESS, 0,       0 },
  { "250 ok\r\n",    QMTP_SENSELESS, 0,       0 },
  { "65537:K",       QMTP_SENSELESS, 0,       0 },
  { "99999999999999999999999:K", QMTP_SENSELESS, 0, 0 }
};

static void an_answer_is_a_netstring_with_a_verdict(void **state)
{
  static struct qmtp_answer a;
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    enum qmtp_state now = QMTP_MORE;
    qmtp_answer_start(&a);
    for (char const *s = answers[i].said; *s && now == QMTP_MORE; s++) now = qmtp_answer_take(&a, *s);
    assert_int_equal(now, answers[i].is);
    if (!answers[i].text) continue;
    assert_int_equal(a.verdict, answers[i].verdict);
    assert_int_equal(a.len, strlen(answers[i].text));
    assert_memory_equal(a.text, answers[i].text, a.len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_message_is_three_netstrings),
    cmocka_unit_test(an_answer_is_a_netstring_with_a_verdict)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
