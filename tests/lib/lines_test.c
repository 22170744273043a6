#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "lines.h"

enum deed { ADD, REMOVE, BEFORE_DOT };

static struct { enum deed deed; char const *text, *line; size_t result; char const *after; } const cases[] = {
  { ADD, "", "a.example", 1, "a.example\n" },
  { ADD, "a.example", "b.example", 1, "a.example\nb.example\n" },
  { ADD, "# mine\n\nb\n", "a", 1, "# mine\n\nb\na\n" },
  { ADD, "A.Example \t\n", "a.example", 0, "A.Example \t\n" },
  { ADD, "a.example.org\n", "a.example", 1, "a.example.org\na.example\n" },
  { ADD, "a.example", "A.EXAMPLE", 0, "a.example" },
  { ADD, "#a.example\n", "a.example", 1, "#a.example\na.example\n" },
  { REMOVE, "", "a", 0, "" },
  { REMOVE, "a", "a", 1, "" },
  { REMOVE, "a\n", "b", 0, "a\n" },
  { REMOVE, "# first\nA  \nb\na\n  c", "a", 2, "# first\nb\n  c" },
  { REMOVE, "b\na", "a", 1, "b\n" },
  { REMOVE, "\n\na\n\n", "a", 1, "\n\n\n" },
  { REMOVE, " a\n", "a", 0, " a\n" },
  { BEFORE_DOT, "", "+d-:d:1:1:/d:-::", 1, "+d-:d:1:1:/d:-::\n.\n" },
  { BEFORE_DOT, ".\n", "x", 1, "x\n.\n" },
  { BEFORE_DOT, "=a:b\n.", "x", 1, "=a:b\nx\n.\n" },
  { BEFORE_DOT, "=a:b\n. the end\nnever read\n.\n", "x", 1, "=a:b\nx\n.\n" },
  { BEFORE_DOT, "=a:b", "x", 1, "=a:b\nx\n.\n" },
  { BEFORE_DOT, "x\n.\n", "X", 0, "x\n.\n" }
};

static size_t do_deed(enum deed deed, stralloc *text, struct text_line line)
{
  switch (deed) {
    case ADD: return lines_add(text, line);
    case REMOVE: return lines_remove(text, line);
    default: return lines_add_before_dot(text, line);
  }
}

static void lines_are_changed_and_the_rest_stays(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc text = STRALLOC_ZERO;
    struct text_line line = { cases[i].line, strlen(cases[i].line) };
    assert_true(bytes_set(&text, cases[i].text));
    assert_int_equal(do_deed(cases[i].deed, &text, line), cases[i].result);
    assert_int_equal(text.len, strlen(cases[i].after));
    assert_memory_equal(text.s, cases[i].after, text.len);
    stralloc_free(&text);
  }
}

static void a_line_that_was_added_can_be_removed_again(void **state)
{
  static char const *const texts[] = { "", "a\n", "# c\nb\n\n", "b \n" };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    stralloc text = STRALLOC_ZERO;
    struct text_line line = { "new.example", 11 };
    assert_true(bytes_set(&text, texts[i]));
    assert_true(lines_add(&text, line) && lines_have(&text, line));
    assert_int_equal(lines_remove(&text, line), 1);
    assert_int_equal(text.len, strlen(texts[i]));
    assert_memory_equal(text.s, texts[i], text.len);
    stralloc_free(&text);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_are_changed_and_the_rest_stays),
    cmocka_unit_test(a_line_that_was_added_can_be_removed_again)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
