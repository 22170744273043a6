/* Lines by number, in small files with odd lines, and in a large one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "numbered_lines.h"

#define WIDE "................................................................................................................................"

static struct { char const *text; uint64_t number; off_t at; } const places[] = {
  { "", 5, 0 },
  { "head\n", 5, 5 },
  { "head", 0, 4 },
  { "1:a\n", 0, 0 }, { "1:a\n", 1, 0 }, { "1:a\n", 2, 4 },
  { "head\n1:a\n3:b\n10:c\n", 0, 5 }, { "head\n1:a\n3:b\n10:c\n", 2, 9 }, { "head\n1:a\n3:b\n10:c\n", 3, 9 }, { "head\n1:a\n3:b\n10:c\n", 10, 13 },
  { "head\n1:a\n3:b\n10:c\n", 11, 18 },
  { "1:a\n2:b", 2, 4 }, { "1:a\n2:b", 3, 7 },
  { "1:a\nodd\n\n4:b\n", 4, 9 }, { "1:a\n4\n5:b\n", 4, 6 },
  { "1:" WIDE WIDE "\n2:" WIDE "\n300:x\n", 3, 390 },
};

static void where_a_line_begins(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    openwritenclose_unsafe("lines", places[i].text, strlen(places[i].text));
    int fd = open_read("lines");
    off_t const at = numbered_lines_find(fd, (off_t)strlen(places[i].text), places[i].number);
    if (at != places[i].at) fail_msg("%zu: %lld", i, (long long)at);
    fd_close(fd);
  }
}

/* A file of a million lines: what is asked for is in what is read, and that is small. */
static void a_window_of_a_large_file(void **state)
{
  static struct numbered_lines lines;
  FILE *f = fopen("lines", "w");
  (void)state;
  fputs("head\n", f);
  for (unsigned i = 1; i <= 1000000; i++) fprintf(f, "%u:x\n", 2 * i);
  fclose(f);
  for (uint64_t n = 0; n < 2100000; n += 99991) {
    char wanted[32];
    int const len = snprintf(wanted, sizeof wanted, "\n%llu:x\n", (unsigned long long)(n + n % 2));
    assert_int_equal(numbered_lines_read(&lines, "lines", n, 1000), 1);
    assert_true(lines.text.len > 400 && lines.text.len < 1100 && lines.text.s[lines.text.len - 1] == '\n');
    assert_true(lines.head.len == 4 && !memcmp(lines.head.s, "head", 4));
    assert_int_equal(lines.more_before, n > 200);
    assert_int_equal(lines.more_behind, n < 1999880);
    assert_true(n < 10 || n > 2000000 || memmem(lines.text.s, lines.text.len, wanted, (size_t)len));
    stralloc_free(&lines.head), stralloc_free(&lines.text);
  }
}

static void what_is_no_such_file(void **state)
{
  struct numbered_lines lines;
  (void)state;
  assert_int_equal(numbered_lines_read(&lines, "none", 0, 100), 0);
  assert_int_equal(numbered_lines_read(&lines, ".", 0, 100), -1);
  openwritenclose_unsafe("lines", "1:a\nrest", 8);
  assert_int_equal(numbered_lines_read(&lines, "lines", 9, 100), 1);
  assert_true(!lines.head.len && lines.text.len == 8 && !lines.more_before && !lines.more_behind);
  FILE *f = fopen("lines", "w");
  fputs("1:a\n2:", f);
  for (unsigned i = 0; i < 100000; i++) fputc('x', f);
  fclose(f);
  assert_int_equal(numbered_lines_read(&lines, "lines", 2, 100), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(where_a_line_begins),
    cmocka_unit_test(a_window_of_a_large_file),
    cmocka_unit_test(what_is_no_such_file),
  };
  char dir[] = "/tmp/numbered_lines.XXXXXX";
  if (!mkdtemp(dir) || chdir(dir) == -1) return 1;
  int const r = cmocka_run_group_tests(tests, 0, 0);
  if (chdir("/") == 0) rm_rf(dir);
  return r;
}
