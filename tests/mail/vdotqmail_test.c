#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vdotqmail.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define TEXT(s) s, sizeof s - 1

/* Lines as letters: p program, d Maildir, m mbox, f forward; and the texts they work on. */
static struct { char const *file; size_t len; char const *kinds, *texts; } const files[] = {
  { TEXT(""), "", "" },
  { TEXT("\n\n \t\n"), "", "" },
  { TEXT("# nothing\n#./Maildir/\n"), "", "" },
  { TEXT("\n./Maildir/"), "d", "./Maildir/;" },
  { TEXT("./Maildir/\n\n&joe@example.net\n"), "df", "./Maildir/;joe@example.net;" },
  { TEXT("joe@example.net \t\n"), "f", "joe@example.net;" },
  { TEXT("| cat > x\n#\n/home/joe/Maildir/\n"), "pd", " cat > x;/home/joe/Maildir/;" },
  { TEXT("./mbox\n"), "m", "./mbox;" },
  { TEXT("+list\n+\n+joe@example.net"), "fff", "+list;+;+joe@example.net;" },
  { TEXT("|a\0b\n\0c\n&d\0e\n"), "pf", "a;d;" },
  { TEXT("&"), "f", ";" },
};

static char letter_of(enum instruction_kind kind)
{
  switch (kind) {
    case INSTRUCTION_PROGRAM: return 'p';
    case INSTRUCTION_MAILDIR: return 'd';
    case INSTRUCTION_MBOX: return 'm';
    case INSTRUCTION_FORWARD: return 'f';
    default: return '?';
  }
}

static void lines_that_say_something(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++) {
    char kinds[10], texts[200];
    size_t at = 0, n = 0, len = 0;
    for (struct instruction in; vdotqmail_next(&in, files[i].file, files[i].len, &at);) {
      kinds[n++] = letter_of(in.kind);
      memcpy(texts + len, in.text, in.len);
      len += in.len;
      texts[len++] = ';';
    }
    kinds[n] = texts[len] = 0;
    assert_string_equal(kinds, files[i].kinds);
    assert_string_equal(texts, files[i].texts);
  }
}

static struct { char const *file; size_t instructions, line; } const verdicts[] = {
  { "", 0, 0 },
  { "#\n\n# only comments\n", 0, 0 },
  { "./Maildir/\n", 1, 0 },
  { "\n\n./Maildir/\n&joe@example.net\n|program x", 3, 0 },
  { "+joe@example.net", 1, 0 },
  { "mbox", 1, 0 },
  { "./mbox", 1, 1 },
  { "/var/mail/joe\n./Maildir/", 1, 1 },
  { "#\n./Maildir/\n\n./mbox\n&joe@example.net", 2, 4 },
  { "./Maildir/\n& joe@example.net", 2, 2 },
  { "./Maildir/\r\n", 1, 1 },
  { "\r\n./Maildir/", 1, 1 },
  { "&a@example.net, b@example.net", 1, 1 },
  { "|", 1, 1 },
  { "./Maildir/ # mine", 1, 1 },
  { "~/Maildir/", 1, 1 },
};

static void all_lines_are_judged(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(verdicts); i++) {
    struct vdotqmail_verdict v = vdotqmail_judge(verdicts[i].file, strlen(verdicts[i].file));
    if (v.line != verdicts[i].line || v.instructions != verdicts[i].instructions) fail_msg("%s", verdicts[i].file);
    assert_int_equal(v.fault != 0, v.line != 0);
  }
  assert_string_equal(vdotqmail_judge("./mbox", 6).fault, "a virtual user has no mbox; the path of a Maildir ends with /");
}

static void a_line_of_any_length(void **state)
{
  (void)state;
  enum { LENGTH = 1 << 20 };
  char *file = malloc(LENGTH);
  memset(file, 'x', LENGTH);
  memcpy(file, "|true ", 6);
  memcpy(file + LENGTH - 13, "\n./Maildir/\n", 12);
  size_t at = 0;
  struct instruction in;
  assert_true(vdotqmail_next(&in, file, LENGTH - 1, &at));
  assert_int_equal(in.len, LENGTH - 14);
  struct vdotqmail_verdict v = vdotqmail_judge(file, LENGTH - 1);
  assert_true(!v.fault && v.instructions == 2);
  free(file);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_that_say_something),
    cmocka_unit_test(all_lines_are_judged),
    cmocka_unit_test(a_line_of_any_length)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
