/* Places for homes, given and taken back in a directory. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "dir_control_file.h"
#include "place.h"

#define TEXT(users, at, dir) users "\n0\n3\n0 0 0\n61 61 61\n0 2 4\n" at "\n" dir "\n"

static void from_nothing(void **state)
{
  char dir[DIR_CONTROL_DIR];
  (void)state;
  for (int i = 1; i < 100; i++) assert_true(dir_control_take(place_fd, dir) && !*dir);
  place_expect(".dir-control", TEXT("99", "0 0 0", ""));
  assert_true(dir_control_take(place_fd, dir));
  assert_string_equal(dir, "0");
  place_expect(".dir-control", TEXT("100", "0 0 0", "0"));
  assert_true(dir_control_give_back(place_fd, ""));
  place_expect(".dir-control", TEXT("99", "0 0 0", "0"));
  assert_false(place_has(".dir_control_free"));
  assert_false(place_has(".dir-control.new"));
}

/* The list of places is filled first; the count goes on all the same. */
static void from_the_list(void **state)
{
  char dir[DIR_CONTROL_DIR];
  (void)state;
  place_write(".dir-control", TEXT("6200", "61 0 0", "z"));
  assert_true(dir_control_give_back(place_fd, "0") && dir_control_give_back(place_fd, "5"));
  place_expect(".dir_control_free", "0\n5\n");
  place_expect(".dir-control", TEXT("6198", "61 0 0", "z"));
  assert_true(dir_control_take(place_fd, dir));
  assert_string_equal(dir, "0");
  assert_true(dir_control_take(place_fd, dir));
  assert_string_equal(dir, "5");
  place_expect(".dir_control_free", "");
  assert_true(dir_control_take(place_fd, dir));
  assert_string_equal(dir, "0/0");
  assert_false(dir_control_give_back(place_fd, "../x"));
  assert_int_equal(errno, EINVAL);
}

static void what_cannot_be_read(void **state)
{
  struct dir_control c;
  char dir[DIR_CONTROL_DIR];
  (void)state;
  place_write(".dir-control", "many\n");
  assert_false(dir_control_take(place_fd, dir));
  assert_int_equal(errno, EPROTO);
  assert_false(dir_control_give_back(place_fd, ""));
  place_expect(".dir-control", "many\n");
  assert_int_equal(unlink(".dir-control"), 0);
  place_write("other", TEXT("5", "0 0 0", ""));
  assert_int_equal(symlink("other", ".dir-control"), 0);
  assert_false(dir_control_read(place_fd, &c));
  assert_int_equal(errno, ELOOP);
}

static int takes(void)
{
  char dir[DIR_CONTROL_DIR];
  for (int i = 0; i < 10; i++)
    if (!dir_control_take(place_fd, dir)) return 1;
  return 0;
}

static void twenty_at_once(void **state)
{
  struct dir_control c;
  int status;
  (void)state;
  for (int i = 0; i < 20; i++) {
    pid_t pid = fork();
    assert_true(pid != -1);
    if (!pid) _exit(takes());
  }
  for (int i = 0; i < 20; i++) {
    assert_true(wait(&status) != -1);
    assert_int_equal(status, 0);
  }
  assert_true(dir_control_read(place_fd, &c));
  assert_int_equal(c.users, 200);
  assert_string_equal(c.dir, "1");
}

/* Root changes the state of somebody else's domain, and it stays his. */
static void owner_and_mode(void **state)
{
  enum { JOE = 12345 };
  struct stat st;
  char dir[DIR_CONTROL_DIR];
  (void)state;
  if (geteuid() != 0) skip();
  assert_int_equal(chown(".", JOE, JOE), 0);
  place_write(".dir-control", "7\n");
  place_write(".dir-control.lock", "");
  assert_int_equal(chmod(".dir-control", 0646), 0);
  assert_true(dir_control_take(place_fd, dir));
  assert_int_equal(stat(".dir-control", &st), 0);
  assert_int_equal(st.st_uid, JOE);
  assert_int_equal(st.st_gid, JOE);
  assert_int_equal(st.st_mode & 07777, 0640);
  assert_int_equal(stat(".dir-control.lock", &st), 0);
  assert_int_equal(st.st_uid, JOE);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(from_nothing, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(from_the_list, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(what_cannot_be_read, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(twenty_at_once, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(owner_and_mode, place_enter, place_leave),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
