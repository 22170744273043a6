/* The logical lines of /etc/aliases and of lists, and their numbers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "alias_lines.h"

static struct { char const *text, *folded, *plain; } const cases[] = {
  { "", "", "" },
  { "\n \n", "", "" },
  { "a\nb", "1<a\n>2<b>", "1<a\n>2<b>" },
  { "a\n b\n\n\tc\nd\n", "1<a\n b\n\tc\n>5<d\n>", "1<a\n>2< b\n>4<\tc\n>5<d\n>" },
  { "# a\n b\nc\n", "3<c\n>", "2< b\n>3<c\n>" },
  { "\n\n a\n", "3< a\n>", "3< a\n>" },
  { "a\n\n#b\nc\n", "1<a\n>4<c\n>", "1<a\n>4<c\n>" },
  { "a\n #b\n", "1<a\n #b\n>", "1<a\n>2< #b\n>" },
};

static void show(char *to, size_t size, char const *text, bool is_folded)
{
  struct alias_lines l = { .in = field_of(text) };
  *to = 0;
  while (alias_lines_next(&l, is_folded)) {
    size_t len = strlen(to);
    snprintf(to + len, size - len, "%zu<%.*s>", l.number, (int)l.text.len, l.text.s);
  }
  stralloc_free(&l.text);
}

static void lines_and_their_numbers(void **state)
{
  char shown[200];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    show(shown, sizeof shown, cases[i].text, true);
    assert_string_equal(shown, cases[i].folded);
    show(shown, sizeof shown, cases[i].text, false);
    assert_string_equal(shown, cases[i].plain);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines_and_their_numbers) };
  return cmocka_run_group_tests(tests, 0, 0);
}
