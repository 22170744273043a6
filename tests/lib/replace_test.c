/* A file is replaced as a whole, or stays as it was, and nothing is left beside it. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "replace.h"

static char place[] = "/tmp/replace-XXXXXX";

static void write_file(char const *path, char const *text)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void expect(char const *path, char const *text)
{
  char is[64] = "";
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_true(fread(is, 1, sizeof is - 1, f) == strlen(text));
  fclose(f);
  assert_string_equal(is, text);
}

static size_t files(void)
{
  size_t n = 0;
  DIR *d = opendir(".");
  assert_non_null(d);
  while (readdir(d)) n++;
  closedir(d);
  return n - 2;
}

static int enter(void **state)
{
  (void)state;
  strcpy(place, "/tmp/replace-XXXXXX");
  if (!mkdtemp(place) || chdir(place) == -1) return -1;
  write_file("file", "old");
  return 0;
}

static int leave(void **state)
{
  (void)state;
  return chdir("/") == -1 || rm_rf(place) == -1;
}

static void the_new_file_is_whole(void **state)
{
  struct replacement r;
  struct stat st;
  (void)state;
  umask(077);
  assert_true(replace_begin(&r, "file", "file.tmp", 0644));
  assert_true(replace_owner(&r, getuid(), getgid()));
  assert_true(replace_write(&r, "new ", 4));
  assert_true(replace_write(&r, "text", 4));
  expect("file", "old");
  assert_true(replace_commit(&r));
  expect("file", "new text");
  assert_int_equal(stat("file", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0644);
  assert_int_equal(files(), 1);
  replace_forget(&r);
  assert_int_equal(files(), 1);
}

static void a_path_may_have_directories(void **state)
{
  struct replacement r;
  char path[64], aside[64];
  (void)state;
  snprintf(path, sizeof path, "%s/other", place);
  snprintf(aside, sizeof aside, "%s/aside", place);
  assert_true(replace_begin(&r, path, aside, 0600) && replace_commit(&r));
  expect("other", "");
  assert_false(replace_begin(&r, "none/file", "none/file.tmp", 0600));
  assert_int_equal(errno, ENOENT);
  assert_string_equal(r.what, "none/file");
}

static void a_directory_that_is_held(void **state)
{
  struct replacement r;
  (void)state;
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  assert_true(directory != -1 && chdir("/") == 0);
  assert_true(replace_begin_in(&r, directory, "file", "file.tmp", 0600));
  assert_true(replace_write(&r, "new", 3) && replace_commit(&r));
  assert_true(replace_begin_in(&r, directory, "file", "file.tmp", 0600));
  replace_forget(&r);
  assert_int_equal(fchdir(directory), 0);
  expect("file", "new");
  assert_int_equal(files(), 1);
  close(directory);
  assert_false(replace_begin_in(&r, directory, "file", "file.tmp", 0600));
  assert_int_equal(errno, EBADF);
}

static void a_commit_has_two_halves(void **state)
{
  struct replacement r;
  (void)state;
  assert_true(replace_begin(&r, "file", "file.tmp", 0644) && replace_write(&r, "new", 3) && replace_settle(&r));
  expect("file", "old");
  expect("file.tmp", "new");
  assert_true(replace_name(&r));
  expect("file", "new");
  assert_int_equal(files(), 1);
  assert_true(replace_begin(&r, "file", "file.tmp", 0644) && replace_write(&r, "newer", 5) && replace_settle(&r));
  replace_leave(&r);
  replace_forget(&r);
  expect("file", "new");
  expect("file.tmp", "newer");
}

static void a_change_of_mind_leaves_nothing(void **state)
{
  struct replacement r = REPLACEMENT_ZERO;
  (void)state;
  replace_forget(&r);
  assert_true(replace_begin(&r, "file", "file.tmp", 0644));
  assert_true(replace_write(&r, "new", 3));
  errno = EDOM;
  replace_forget(&r);
  assert_int_equal(errno, EDOM);
  replace_forget(&r);
  expect("file", "old");
  assert_int_equal(files(), 1);
}

/* Somebody else's file, or the way to it, is neither written nor kept. */
static void what_lay_aside_goes(void **state)
{
  struct replacement r;
  (void)state;
  write_file("precious", "precious");
  assert_int_equal(symlink("precious", "file.tmp"), 0);
  assert_true(replace_begin(&r, "file", "file.tmp", 0644));
  assert_true(replace_write(&r, "new", 3));
  assert_true(replace_commit(&r));
  expect("file", "new");
  expect("precious", "precious");
  write_file("file.tmp", "half of something else");
  assert_int_equal(chmod("file.tmp", 0666), 0);
  assert_true(replace_begin(&r, "file", "file.tmp", 0600) && replace_commit(&r));
  expect("file", "");
}

static void each_failure_leaves_the_old_file_alone(void **state)
{
  struct replacement r;
  struct rlimit const all = { RLIM_INFINITY, RLIM_INFINITY }, few = { 100, RLIM_INFINITY };
  static char much[200];
  (void)state;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
  assert_true(replace_begin(&r, "file", "file.tmp", 0644));
  assert_false(replace_write(&r, much, sizeof much));
  assert_int_equal(errno, EFBIG);
  assert_string_equal(r.doing, "write ");
  assert_string_equal(r.what, "file.tmp");
  setrlimit(RLIMIT_FSIZE, &all);
  assert_int_equal(files(), 1);

  assert_int_equal(mkdir("directory", 0700), 0);
  assert_true(replace_begin(&r, "directory", "file.tmp", 0644));
  assert_false(replace_commit(&r));
  assert_string_equal(r.doing, "rename ");
  assert_int_equal(files(), 2);

  assert_false(replace_begin(&r, "file", "directory", 0644));
  assert_int_equal(errno, EEXIST);
  assert_int_equal(files(), 2);
  expect("file", "old");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(the_new_file_is_whole, enter, leave),
    cmocka_unit_test_setup_teardown(a_path_may_have_directories, enter, leave),
    cmocka_unit_test_setup_teardown(a_directory_that_is_held, enter, leave),
    cmocka_unit_test_setup_teardown(a_commit_has_two_halves, enter, leave),
    cmocka_unit_test_setup_teardown(a_change_of_mind_leaves_nothing, enter, leave),
    cmocka_unit_test_setup_teardown(what_lay_aside_goes, enter, leave),
    cmocka_unit_test_setup_teardown(each_failure_leaves_the_old_file_alone, enter, leave)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
