/* The lock of a domain's table, between our programs and with those of vpopmail. */

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "dir_lock.h"
#include "place.h"

enum { JOE = 12345 };

static bool is_free(void)
{
  int fd = dir_lock(place_fd, ".lock", 0);
  if (fd == -1) assert_int_equal(errno, EWOULDBLOCK);
  else close(fd);
  return fd != -1;
}

static void one_at_a_time(void **state)
{
  struct stat st;
  (void)state;
  int fd = dir_lock(place_fd, ".lock", 0);
  assert_true(fd != -1);
  assert_int_equal(stat(".lock", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  assert_false(is_free());
  close(open(".lock", O_RDONLY));
  assert_false(is_free());
  close(fd);
  assert_true(is_free());
}

/* They take the lock of fcntl on all of the file. */
static void vpopmail_has_it(void **state)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int ready[2], done[2];
  char c;
  (void)state;
  assert_true(pipe(ready) == 0 && pipe(done) == 0);
  pid_t pid = fork();
  if (!pid) {
    int fd = open(".lock", O_RDWR | O_CREAT, 0600);
    bool has = fcntl(fd, F_SETLK, &whole) == 0;
    close(done[1]);
    _exit(!has || write(ready[1], "", 1) != 1 || read(done[0], &c, 1) != 0 || fcntl(fd, F_SETLK, &whole) == -1);
  }
  assert_int_equal(read(ready[0], &c, 1), 1);
  assert_false(is_free());
  close(done[1]);
  assert_int_equal(waitpid(pid, 0, 0), pid);
  assert_true(is_free());
  close(done[0]);
  close(ready[0]);
  close(ready[1]);
}

static void what_is_no_lock_file(void **state)
{
  (void)state;
  place_write("precious", "precious");
  assert_int_equal(symlink("precious", ".lock"), 0);
  assert_int_equal(dir_lock(place_fd, ".lock", 0), -1);
  assert_int_equal(errno, ELOOP);
  assert_true(unlink(".lock") == 0 && link("precious", ".lock") == 0);
  assert_int_equal(dir_lock(place_fd, ".lock", 0), -1);
  assert_int_equal(errno, EPERM);
  assert_true(unlink(".lock") == 0 && mkfifo(".lock", 0600) == 0);
  assert_int_equal(dir_lock(place_fd, ".lock", 0), -1);
  assert_int_equal(errno, EPERM);
}

static bool joe_gets_it(void)
{
  int status;
  pid_t pid = fork();
  if (!pid) _exit(setgroups(0, 0) == -1 || setuid(JOE) == -1 || dir_lock(place_fd, ".lock", 0) == -1);
  return waitpid(pid, &status, 0) == pid && status == 0;
}

/* Old programs that ran as root left a lock that its owner could not open. */
static void a_lock_of_root(void **state)
{
  (void)state;
  if (geteuid() != 0) skip();
  place_write(".lock", "");
  assert_false(joe_gets_it());
  assert_int_equal(chown(".", JOE, JOE), 0);
  assert_true(joe_gets_it());
  assert_true(unlink(".lock") == 0);
  place_write(".lock", "");
  assert_true(is_free());
  assert_true(joe_gets_it());
  assert_true(unlink(".lock") == 0);
  place_write(".lock", "of root, called so by joe");
  struct stat st;
  assert_int_equal(dir_lock(place_fd, ".lock", 0), -1);
  assert_int_equal(errno, EPERM);
  assert_true(stat(".lock", &st) == 0 && st.st_uid == 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(one_at_a_time, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(vpopmail_has_it, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(what_is_no_lock_file, place_enter, place_leave),
    cmocka_unit_test_setup_teardown(a_lock_of_root, place_enter, place_leave),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
