/* The file of a vacation: what is sent, and what only tells when. */

#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vacation_text.h"

static struct { char const *file, *subject, *text, *starts, *ends; uint64_t days; bool good; } const cases[] = {
  { "", "", "", "", "", 0, true },
  { "I am away.\n", "", "I am away.\n", "", "", 0, true },
  { "Subject: away\nStarts: 2026-07-01\nENDS : 2026-07-14 \r\nDays: 3\nFrom: me\n\nStarts: 2026-07-02\n", "",
    "Subject: away\nFrom: me\n\nStarts: 2026-07-02\n", "2026-07-01", "2026-07-14", 3, true },
  { "Subject: Re: $SUBJECT\n\n\"$SUBJECT\"$SUBJECTS $", "a\n b\r\n\tc", "Subject: Re: a b c\n\n\"a b c\"a b cS $", "", "", 0, true },
  { "Subject: x\n y\n\tDays: 3\n\nz", "", "Subject: x\n y\n\tDays: 3\n\nz", "", "", 0, true },
  { "Hello,\nDays: 3\n", "", "Hello,\nDays: 3\n", "", "", 0, true },
  { "Starts: tomorrow\n", "", "", "", "", 0, false },
  { "Ends: 2026-7-14\n", "", "", "", "", 0, false },
  { "Days: 0\n", "", "", "", "", 0, false },
  { "Days: a week\n", "", "", "", "", 0, false },
  { "Days:\n", "", "", "", "", 0, false },
};

static void files(void **state)
{
  struct vacation_text t = { .text = STRALLOC_ZERO };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    vacation_text_read(&t, field_of(cases[i].file), field_of(cases[i].subject));
    assert_int_equal(t.fault == 0, cases[i].good);
    if (!cases[i].good) continue;
    assert_int_equal(t.text.len, strlen(cases[i].text));
    if (t.text.len) assert_memory_equal(t.text.s, cases[i].text, t.text.len);
    assert_string_equal(t.starts, cases[i].starts);
    assert_string_equal(t.ends, cases[i].ends);
    assert_int_equal(t.days, cases[i].days);
  }
  stralloc_free(&t.text);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(files) };
  return cmocka_run_group_tests(tests, 0, 0);
}
