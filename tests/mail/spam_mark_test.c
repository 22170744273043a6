/* The mark of a filter of spam, and the words of its command. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spam_mark.h"

static struct { char const *head; bool is_set; } const heads[] = {
  { "X-Spam-Flag: YES\n\n", true }, { "x-spam-FLAG:yes", true }, { "Subject: a\nX-Spam-Flag: \tYES\nTo: b\n", true }, { "X-Spam-Status: Yes, score=7\n", true },
  { "A: b\r\nX-Spam-Flag: YES\r\n\r\n", true }, { "X-Spam-Flag: NO\nX-Spam-Flag: YES\n", true },
  { "", false }, { "\nX-Spam-Flag: YES\n", false }, { "\r\nX-Spam-Flag: YES\n", false }, { "A: b\n\nX-Spam-Flag: YES\n", false },
  { "A: b\r\n\r\nX-Spam-Flag: YES\n", false }, { "X-Spam-Flag: NO\n", false }, { "X-Spam-Flag : YES\n", false }, { " X-Spam-Flag: YES\n", false },
  { "X-Spam-Flag: YE", false }, { "X-Spam-Flag:", false }, { "X-Spam-Flag", false }, { "Not-X-Spam-Flag: YES\n", false },
};

static void marks(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    size_t len = strlen(heads[i].head);
    char *exact = malloc(len + !len);
    memcpy(exact, heads[i].head, len);
    if (spam_mark_is_set(exact, len) != heads[i].is_set) fail_msg("%s", heads[i].head);
    free(exact);
  }
}

static void words(void **state)
{
  char line[] = " \t/bin/filter  -f\t-u ", empty[] = " \t", *cut[SPAM_WORDS_MAX + 1], many[2 * SPAM_WORDS_MAX + 3];
  (void)state;
  assert_int_equal(spam_mark_words(cut, line), 3);
  assert_string_equal(cut[0], "/bin/filter");
  assert_string_equal(cut[2], "-u");
  assert_null(cut[3]);
  assert_int_equal(spam_mark_words(cut, empty), 0);
  for (size_t n = SPAM_WORDS_MAX - 1; n <= SPAM_WORDS_MAX + 1; n++) {
    memset(many, 0, sizeof many);
    for (size_t i = 0; i < n; i++) memcpy(many + 2 * i, "x ", 2);
    assert_int_equal(spam_mark_words(cut, many), n <= SPAM_WORDS_MAX ? n : 0);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(marks), cmocka_unit_test(words) };
  return cmocka_run_group_tests(tests, 0, 0);
}
