/* What vpopmaild takes for words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "maild_line.h"

enum { WORDS_MAX = 3 };

static void a_line_has_words(void **state)
{
  static struct { char const *line; int most, count; char const *words[WORDS_MAX]; } const cases[] = {
    { "", 3, 0, { 0 } }, { "   ", 3, 0, { 0 } }, { "a", 0, 0, { 0 } },
    { "a", 1, 1, { "a" } }, { "a", 3, 1, { "a" } }, { "  a  ", 3, 1, { "a" } },
    { " a b  c ", 1, 1, { "a b  c " } }, { " a  b  c ", 2, 2, { "a", "b  c " } },
    { "a b c d", 3, 3, { "a", "b", "c d" } }, { "a b ", 3, 2, { "a", "b" } },
    { "-a --", 2, 2, { "-a", "--" } }, { "a\tb c", 2, 2, { "a\tb", "c" } },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[32], *words[WORDS_MAX + 1] = { 0 };
    strcpy(line, cases[i].line);
    if (maild_line_words(words, line, cases[i].most) != cases[i].count) fail_msg("'%s'", cases[i].line);
    for (int n = 0; n < cases[i].count; n++) assert_string_equal(words[n], cases[i].words[n]);
    assert_null(words[cases[i].count]);
  }
}

static void its_first_word_is_cut_off(void **state)
{
  static struct { char const *line, *word, *behind; } const cases[] = {
    { "", "", "" }, { "a", "a", "" }, { "a ", "a", "" }, { " a", "", "a" }, { "comment  a b ", "comment", " a b " }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[32];
    strcpy(line, cases[i].line);
    assert_string_equal(maild_line_cut(line), cases[i].behind);
    assert_string_equal(line, cases[i].word);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(a_line_has_words), cmocka_unit_test(its_first_word_is_cut_off) };
  return cmocka_run_group_tests(tests, 0, 0);
}
