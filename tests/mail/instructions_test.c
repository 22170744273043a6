/* One line of a .qmail file each: what it means, and on which text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "instructions.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define TEXT(s) s, sizeof s - 1

static struct { char const *file; size_t len; enum instruction_kind kind; char const *text; } const lines[] = {
  { TEXT("\n"), INSTRUCTION_BLANK_FIRST, "" },
  { TEXT(" \t \n"), INSTRUCTION_BLANK_FIRST, "" },
  { TEXT("\0|program\n"), INSTRUCTION_BLANK_FIRST, "" },
  { TEXT("#"), INSTRUCTION_NOTHING, "#" },
  { TEXT("# ./Maildir/\n"), INSTRUCTION_NOTHING, "# ./Maildir/" },
  { TEXT("|"), INSTRUCTION_PROGRAM, "" },
  { TEXT("| cat > x \t\n"), INSTRUCTION_PROGRAM, " cat > x" },
  { TEXT("|a\0b\n"), INSTRUCTION_PROGRAM, "a" },
  { TEXT("./Maildir/\n"), INSTRUCTION_MAILDIR, "./Maildir/" },
  { TEXT("./Maildir/ \t"), INSTRUCTION_MAILDIR, "./Maildir/" },
  { TEXT("./Maildir/ x"), INSTRUCTION_MBOX, "./Maildir/ x" },
  { TEXT("/"), INSTRUCTION_MAILDIR, "/" },
  { TEXT("."), INSTRUCTION_MBOX, "." },
  { TEXT("/dev/null"), INSTRUCTION_MBOX, "/dev/null" },
  { TEXT("./a/\0"), INSTRUCTION_MAILDIR, "./a/" },
  { TEXT("&"), INSTRUCTION_FORWARD, "" },
  { TEXT("& a@b"), INSTRUCTION_FORWARD, " a@b" },
  { TEXT("&a@b # no comment\n"), INSTRUCTION_FORWARD, "a@b # no comment" },
  { TEXT("&<a@b>"), INSTRUCTION_FORWARD, "<a@b>" },
  { TEXT("joe"), INSTRUCTION_FORWARD, "joe" },
  { TEXT(" ./Maildir/"), INSTRUCTION_FORWARD, " ./Maildir/" },
  { TEXT("Joe@host\r\n"), INSTRUCTION_FORWARD, "Joe@host\r" },
  { TEXT("+list"), INSTRUCTION_FORWARD_ONLY, "+list" },
  { TEXT("+list  "), INSTRUCTION_FORWARD_ONLY, "+list" },
  { TEXT("+listen"), INSTRUCTION_NOTHING, "+listen" },
  { TEXT("+"), INSTRUCTION_NOTHING, "+" },
};

static void one_line_each(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct instruction in;
    size_t at = 0;
    assert_true(instruction_next(&in, lines[i].file, lines[i].len, &at));
    if (in.kind != lines[i].kind) fail_msg("line %zu '%s': kind %d", i, lines[i].file, in.kind);
    assert_int_equal(in.len, strlen(lines[i].text));
    assert_memory_equal(in.text, lines[i].text, in.len);
    assert_ptr_equal(in.line, lines[i].file);
    assert_false(instruction_next(&in, lines[i].file, lines[i].len, &at));
  }
}

static void an_empty_text_has_no_lines(void **state)
{
  (void)state;
  struct instruction in;
  size_t at = 0;
  assert_false(instruction_next(&in, "", 0, &at));
}

static void only_the_first_line_must_not_be_blank(void **state)
{
  (void)state;
  static char const file[] = "#\n\n  \nb\n\n";
  static enum instruction_kind const kinds[] = {
    INSTRUCTION_NOTHING, INSTRUCTION_NOTHING, INSTRUCTION_NOTHING, INSTRUCTION_FORWARD, INSTRUCTION_NOTHING
  };
  struct instruction in;
  size_t at = 0;
  for (size_t i = 0; i < COUNT(kinds); i++) {
    assert_true(instruction_next(&in, file, sizeof file - 1, &at));
    assert_int_equal(in.kind, kinds[i]);
  }
  assert_false(instruction_next(&in, file, sizeof file - 1, &at));
}

/* Every text of up to four bytes over these, in memory of exactly its size: a sanitizer sees each byte read outside. */
static void no_text_is_read_beyond_its_end(void **state)
{
  (void)state;
  static char const bytes[] = "\n\0 /.|&+#a";
  enum { KINDS = sizeof bytes - 1, LONGEST = 4 };
  for (size_t len = 0, all = 1; len <= LONGEST; len++, all *= KINDS)
    for (size_t n = 0; n < all; n++) {
      char *s = malloc(len ? len : 1);
      size_t rest = n, at = 0;
      struct instruction in;
      for (size_t i = 0; i < len; i++, rest /= KINDS) s[i] = bytes[rest % KINDS];
      while (instruction_next(&in, s, len, &at))
        if (in.len) assert_true(in.text >= s && in.text + in.len <= s + len);
      free(s);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(one_line_each),
    cmocka_unit_test(an_empty_text_has_no_lines),
    cmocka_unit_test(only_the_first_line_must_not_be_blank),
    cmocka_unit_test(no_text_is_read_beyond_its_end)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
