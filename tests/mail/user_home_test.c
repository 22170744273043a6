#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tree.h"
#include "user_home.h"

static char base[] = "/tmp/home-test-XXXXXX";
static int here;

static int enter(void **state)
{
  (void)state;
  if (!mkdtemp(base)) return -1;
  here = open(base, O_RDONLY | O_DIRECTORY);
  return fchdir(here);
}

static int leave(void **state)
{
  (void)state;
  int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
  bool gone = tree_remove(fd, base + 5);
  close(fd);
  return gone ? 0 : -1;
}

static int mode_of(char const *path)
{
  struct stat st;
  return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void make_file(char const *path)
{
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  assert_int_not_equal(fd, -1);
  close(fd);
}

static void a_home_has_a_maildir(void **state)
{
  (void)state;
  umask(0);
  assert_int_equal(user_home_make(here, "joe"), VCODE_OK);
  assert_int_equal(mode_of("joe"), 0750);
  assert_int_equal(mode_of("joe/Maildir"), 0700);
  assert_int_equal(mode_of("joe/Maildir/new"), 0700);
  assert_int_equal(mode_of("joe/Maildir/cur"), 0700);
  assert_int_equal(mode_of("joe/Maildir/tmp"), 0700);
}

static void what_a_killed_command_left_is_completed(void **state)
{
  (void)state;
  assert_int_equal(mkdir("half", 0700), 0);
  assert_int_equal(mkdir("half/Maildir", 0755), 0);
  assert_int_equal(mkdir("half/Maildir/tmp", 0700), 0);
  assert_int_equal(user_home_make(here, "half"), VCODE_OK);
  assert_int_equal(mode_of("half"), 0750);
  assert_int_equal(mode_of("half/Maildir"), 0700);
  assert_int_equal(mode_of("half/Maildir/new"), 0700);
}

static void a_new_user_never_logged_in(void **state)
{
  char text[16] = "";
  (void)state;
  assert_int_equal(user_home_make(here, "new"), VCODE_OK);
  assert_true(user_home_note_new(here, "new"));
  int fd = open("new/" USER_HOME_LOGIN, O_RDWR);
  assert_int_equal(read(fd, text, sizeof text), 8);
  assert_string_equal(text, "0.0.0.0\n");
  assert_int_equal(mode_of("new/" USER_HOME_LOGIN), 0600);
  assert_int_equal(user_home_make(here, "new"), VCODE_OK);
  assert_int_equal(ftruncate(fd, 3), 0);
  assert_int_equal(user_home_make(here, "new"), VCODE_OK);
  assert_int_equal(ftruncate(fd, 0), 0);
  assert_int_equal(user_home_make(here, "new"), VCODE_OK);
  assert_int_equal(pwrite(fd, "1.0.0.0\n", 8, 0), 8);
  assert_int_equal(user_home_make(here, "new"), VCODE_USER_DIR_EXISTS);
  close(fd);
}

static void what_somebody_uses_is_left_alone(void **state)
{
  static char const *const files[] = { "used/Maildir/new/1.a.b", "used/.qmail", "used/Maildir/maildirsize" };
  (void)state;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    assert_int_equal(user_home_make(here, "used"), VCODE_OK);
    make_file(files[i]);
    assert_int_equal(user_home_make(here, "used"), VCODE_USER_DIR_EXISTS);
    assert_int_equal(unlink(files[i]), 0);
  }
  make_file("file");
  assert_int_equal(user_home_make(here, "file"), VCODE_USER_DIR_EXISTS);
  assert_int_equal(symlink("used", "link"), 0);
  assert_int_equal(user_home_make(here, "link"), VCODE_USER_DIR_EXISTS);
}

static void trouble_is_told(void **state)
{
  (void)state;
  assert_int_equal(user_home_make(-1, "joe"), VCODE_MAKE_USER_DIRS);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_home_has_a_maildir),
    cmocka_unit_test(what_a_killed_command_left_is_completed),
    cmocka_unit_test(a_new_user_never_logged_in),
    cmocka_unit_test(what_somebody_uses_is_left_alone),
    cmocka_unit_test(trouble_is_told)
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
