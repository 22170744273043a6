/* What is seen of a file that was changed, made, replaced or removed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "spawn_watch.h"

static char const *const files[] = { "a", "b", 0 };
static struct spawn_watch watch;
static struct stat program;

static int in_a_new_directory(void **state)
{
  static char dir[] = "/tmp/watchXXXXXX";
  *state = dir;
  return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int leave(void **state)
{
  char const *const left[] = { "program", "a", "b", "c" };
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) unlink(left[i]);
  return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static bool sees(char const *path)
{
  return spawn_watch_sees_change(&watch, path, files, &program);
}

static void write_to(char const *path, char const *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

/* Two writes within one tick of the file system's clock bear the same time. */
static void age(char const *path, time_t seconds)
{
  struct timespec const times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void each_change_is_seen_once(void **state)
{
  (void)state;
  assert_false(sees(0));
  assert_int_equal(program.st_ino, 0);
  write_to("program", "1");
  assert_true(sees("program"));
  assert_true(program.st_ino != 0);
  assert_false(sees("program"));

  write_to("b", "1");
  assert_true(sees("program"));
  assert_false(sees("program"));
  write_to("b", "12");
  assert_true(sees("program"));
  age("b", 1000);
  assert_true(sees("program"));
  assert_false(sees("program"));

  write_to("c", "12");
  age("c", 1000);
  assert_false(sees("program"));
  assert_int_equal(rename("c", "b"), 0);
  assert_true(sees("program"));
  assert_int_equal(unlink("b"), 0);
  assert_true(sees("program"));
  assert_false(sees("program"));

  assert_true(sees("a-program-that-is-not-there"));
  assert_int_equal(program.st_ino, 0);
  assert_false(sees(0));
  assert_true(sees("program"));
}

int main(void)
{
  static struct CMUnitTest const tests[] = { cmocka_unit_test(each_change_is_seen_once) };
  return cmocka_run_group_tests(tests, in_a_new_directory, leave);
}
