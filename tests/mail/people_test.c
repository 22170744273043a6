/* Accounts of people in a text like /etc/passwd, and in files of any size. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "people.h"

static char const accounts[] =
  "root:x:0:0:root:/root:/bin/bash\n"
  "joe:x:1000:1000:Joe,,,:/home/joe:/bin/bash\n"
  "Max:x:1001:1001::/home/max:/bin/sh\n"
  "last:x:59999:100::/home/last:/bin/sh\n"
  "beyond:x:60000:100::/:/bin/sh\n"
  "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
  "negative:x:-1:1::/:\n"
  "empty:x::1::/:\n"
  "huge:x:99999999999999999999001000:1::/:\n"
  "words:x:10o0:1::/:\n"
  "short:x:1000\n"
  "bare\n"
  "\n"
  ":x:1000:1000::/:\n"
  "unended:x:1002:1002::/home/unended:/bin/sh";

static struct { char const *box; bool found; } const cases[] = {
  { "joe", true }, { "JOE", true }, { "jOe", true }, { "last", true }, { "unended", true },
  { "root", false }, { "max", false }, { "Max", false }, { "beyond", false }, { "nobody", false },
  { "negative", false }, { "empty", false }, { "huge", false }, { "words", false }, { "short", false },
  { "bare", false }, { "jo", false }, { "joe:x", false }, { "joe:x:1000:1000:Joe,,,:/home/joe:/bin/bash", false },
  { "x", false }, { "joe\nlast", false }
};

static void in_a_text(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(people_have(accounts, sizeof accounts - 1, cases[i].box), cases[i].found);
  assert_false(people_have("", 0, "joe"));
}

static char const *file_of(char const *text, size_t len)
{
  static char path[] = "/tmp/people.XXXXXX";
  strcpy(path + sizeof path - 7, "XXXXXX");
  int fd = mkstemp(path);
  assert_int_equal(write(fd, text, len), len);
  close(fd);
  return path;
}

static bool in_file(char const *text, size_t len, char const *box)
{
  char const *path = file_of(text, len);
  bool found = people_in_file(path, box);
  unlink(path);
  return found;
}

static void in_a_file(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(in_file(accounts, sizeof accounts - 1, cases[i].box), cases[i].found);
  assert_false(people_in_file("/tmp/there-is-no-such-file", "joe"));
  assert_false(people_in_file("/tmp", "joe"));
}

/* Wherever the blocks end. */
static void in_a_long_file(void **state)
{
  static char text[200000];
  size_t len = 0;
  (void)state;
  for (int i = 1000; i < 6000; i++) len += (size_t)sprintf(text + len, "user%d:x:%d:100::/home:/bin/sh\n", i, i);
  for (int i = 1000; i < 6000; i += 7) {
    char box[20];
    sprintf(box, "user%d", i);
    assert_true(in_file(text, len, box));
  }
  assert_false(in_file(text, len, "user999"));
}

/* What follows such a line is found; what looks like an account within it is none. */
static void in_a_file_with_an_endless_line(void **state)
{
  static char text[100000];
  (void)state;
  for (size_t long_line = 16000; long_line < 50000; long_line += 1021) {
    memset(text, 'x', long_line);
    size_t len = long_line + (size_t)sprintf(text + long_line, "joe:x:1000:100::/:\nann:x:1001:100::/:\n");
    assert_true(in_file(text, len, "ann"));
    assert_false(in_file(text, len, "joe"));
    assert_false(in_file(text, long_line, "joe"));
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(in_a_text), cmocka_unit_test(in_a_file), cmocka_unit_test(in_a_long_file),
    cmocka_unit_test(in_a_file_with_an_endless_line)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
