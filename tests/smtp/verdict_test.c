/* What the queue program said, as a reply. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "queue_exit.h"
#include "verdict.h"

static struct { char const *verdict, *reply; } const cases[] = {
  { "Zqq temporary problem (#4.3.0)", "451 4.3.0 qq temporary problem (#4.3.0)" },
  { "Denvelope address too long for qq (#5.1.3)", "554 5.1.3 envelope address too long for qq (#5.1.3)" },
  { "Dspam", "554 5.3.0 spam" },
  { "Zgreylisted", "451 4.3.0 greylisted" },
  { "D", "554 5.3.0 " },
  { "Dvirus (#5.7.999)", "554 5.7.999 virus (#5.7.999)" },
  { "Dvirus (#5.7.9999)", "554 5.3.0 virus (#5.7.9999)" },
  { "Dwrong class (#4.7.1)", "554 5.3.0 wrong class (#4.7.1)" },
  { "Zwrong class (#5.7.1)", "451 4.3.0 wrong class (#5.7.1)" },
  { "Dtwo (#5.1.1) (#5.7.1)", "554 5.7.1 two (#5.1.1) (#5.7.1)" },
  { "Dno bracket #5.7.1", "554 5.3.0 no bracket #5.7.1" },
  { "D#", "554 5.3.0 #" },
  { "D(#", "554 5.3.0 (#" },
  { "D(#5", "554 5.3.0 (#5" },
  { "D(#5.", "554 5.3.0 (#5." },
  { "D(#5.7.", "554 5.3.0 (#5.7." },
  { "D(#5.7.1", "554 5.3.0 (#5.7.1" },
  { "Dtwo\r\n250 lines\t\377", "554 5.3.0 two??250 lines??" },
};

static void check_line(struct refusal const *r, char const *expected)
{
  struct refusal_line line;
  char said[128] = "";
  refusal_line(&line, r);
  for (char const **w = line.words; *w; w++) strcat(said, *w);
  assert_string_equal(said, expected);
}

static void words(void **state)
{
  (void)state;
  check_line(&(struct refusal){ 553, "5.7.1", "not ours" }, "553 5.7.1 not ours (#5.7.1)");
  check_line(&(struct refusal){ 421, "4.3.0", "" }, "421 4.3.0  (#4.3.0)");
  check_line(&(struct refusal){ 451, 0, "4.7.1 later" }, "451 4.7.1 later");
}

static void check_answer(struct refusal const *r, char const *expected)
{
  stralloc to = STRALLOC_ZERO;
  assert_true(refusal_answer(&to, r));
  assert_int_equal(to.len, strlen(expected));
  assert_memory_equal(to.s, expected, to.len);
  stralloc_free(&to);
}

static void answers(void **state)
{
  (void)state;
  check_answer(&(struct refusal){ 553, "5.7.1", "not ours" }, "Dnot ours (#5.7.1)");
  check_answer(&(struct refusal){ 451, "4.3.0", "later" }, "Zlater (#4.3.0)");
  check_answer(&(struct refusal){ 421, "4.7.0", "gone" }, "Zgone (#4.7.0)");
  check_answer(&(struct refusal){ 553, 0, "5.7.1 listed" }, "Dlisted");
  check_answer(&(struct refusal){ 451, 0, "4.3.0 qq trouble (#4.3.0)" }, "Zqq trouble (#4.3.0)");
  check_answer(&(struct refusal){ 451, 0, "" }, "Z");
}

static void replies(void **state)
{
  struct refusal_made to = { .text = STRALLOC_ZERO };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_true(verdict_refusal(&to, cases[i].verdict));
    check_line(&to.refusal, cases[i].reply);
  }
  stralloc_free(&to.text);
}

/* Every code has a text of one line that brings a status of its own class, so that none of them is made up here. */
static void exit_codes(void **state)
{
  struct refusal_made to = { .text = STRALLOC_ZERO };
  (void)state;
  for (int code = 1; code < 256; code++) {
    char const *verdict = queue_exit_verdict(code);
    bool permanent = (code >= 11 && code <= 40) || code == 115;
    assert_true(verdict_refusal(&to, verdict));
    assert_int_equal(verdict[0], permanent ? 'D' : 'Z');
    assert_int_equal(to.refusal.code, permanent ? 554 : 451);
    size_t len = strcspn(to.text.s, " ");
    assert_string_equal(to.text.s + len + 1, verdict + 1);
    char const *end = verdict + strlen(verdict) - len - 3;
    if (memcmp(end, "(#", 2) || memcmp(end + 2, to.text.s, len) || strcmp(end + 2 + len, ")")) fail_msg("%d: %s", code, to.text.s);
  }
  stralloc_free(&to.text);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(replies), cmocka_unit_test(words), cmocka_unit_test(answers), cmocka_unit_test(exit_codes)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
