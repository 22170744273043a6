/* A file that stays open: it is another one as soon as another one has the name, and never a moment longer the old one. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "place.h"

#include "bytes.h"
#include "kept_file.h"
#include "own_disk.h"

static struct kept_file k = KEPT_FILE_NONE;

static int read_is(char const *wanted, size_t max)
{
  static stralloc text = STRALLOC_ZERO;
  assert_true(bytes_set(&text, "before "));
  int r = kept_file_read(&k, &text, place_fd, "file", max);
  assert_true(bytes_z(&text) && !strncmp(text.s, "before ", 7));
  assert_string_equal(text.s + 7, r == 1 ? wanted : "");
  return r;
}

static void it_is_opened_once(void **state)
{
  (void)state;
  place_write("file", "one");
  int fd = kept_file_open(&k, place_fd, "file");
  assert_true(fd != -1);
  assert_int_equal(kept_file_open(&k, place_fd, "file"), fd);
  assert_int_equal(read_is("one", 100), 1);
  assert_int_equal(k.fd, fd);
  kept_file_close(&k);
  assert_int_equal(k.fd, -1);
  assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* Of the same length, in the same moment; an inode that is free again is given to the next file. */
static void each_change_is_seen(void **state)
{
  static char const *const texts[] = { "one", "two", "six" };
  (void)state;
  for (int i = 0; i < 300; i++) {
    char const *text = texts[i % 3];
    if (i % 2) place_write("file", text);
    else {
      place_write("new", text);
      assert_int_equal(rename("new", "file"), 0);
    }
    assert_int_equal(read_is(text, 100), 1);
  }
  assert_int_equal(unlink("file"), 0);
  assert_int_equal(read_is("", 100), 0);
  place_write("file", "back");
  assert_int_equal(read_is("back", 100), 1);
}

static void of_another_directory(void **state)
{
  (void)state;
  place_write("file", "here");
  assert_true(mkdir("sub", 0700) == 0);
  place_write("sub/file", "there");
  int sub = open("sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  stralloc text = STRALLOC_ZERO;
  assert_int_equal(read_is("here", 100), 1);
  assert_int_equal(kept_file_read(&k, &text, sub, "file", 100), 1);
  assert_true(text.len == 5 && !memcmp(text.s, "there", 5));
  assert_int_equal(read_is("here", 100), 1);
  stralloc_free(&text);
  close(sub);
}

static void no_link_is_followed_and_no_bound_passed(void **state)
{
  static char long_text[5000];
  (void)state;
  memset(long_text, 'x', sizeof long_text - 1);
  place_write("file", long_text);
  assert_int_equal(read_is(long_text, sizeof long_text - 1), 1);
  assert_int_equal(read_is("", sizeof long_text - 2), -1);
  assert_int_equal(errno, EFBIG);
  assert_true(rename("file", "real") == 0 && symlink("real", "file") == 0);
  assert_int_equal(read_is("", 100), -1);
  assert_int_equal(errno, ELOOP);
  assert_int_equal(unlink("file"), 0);
  assert_int_equal(mkdir("file", 0700), 0);
  assert_int_equal(read_is("", 100), -1);
  assert_int_equal(errno, EPERM);
  assert_int_equal(rmdir("file"), 0);
}

/* What is not this machine's alone is opened each time. */
static void elsewhere_nothing_is_kept(void **state)
{
  struct stat st;
  (void)state;
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  assert_true(fd != -1 && !own_disk(fd) && own_disk(place_fd) && !own_disk(-1));
  assert_int_equal(fstat(fd, &st), 0);
  kept_file_hold(&k, fd);
  assert_false(kept_file_is(&k, &st));
  place_write("file", "own");
  assert_int_equal(read_is("own", 100), 1);
  assert_int_equal(fcntl(fd, F_GETFD) != -1 && fd != k.fd, 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(it_is_opened_once, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(each_change_is_seen, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(of_another_directory, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(no_link_is_followed_and_no_bound_passed, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(elsewhere_nothing_is_kept, place_enter, place_leave)
  };
  int failed = cmocka_run_group_tests(tests, 0, 0);
  kept_file_close(&k);
  return failed;
}
