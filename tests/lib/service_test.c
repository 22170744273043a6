/* A socket that is there is listened on and has its mode; what is asked is bounded in bytes and in time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "monotonic.h"
#include "service.h"

#define PLACE "socket"
static struct service const door = { .path = PLACE, .mode = 0620, .owner = -1, .group = -1, .waiting = 4 };

static int begin(void **state)
{
  static char directory[] = "/tmp/service.XXXXXX";
  *state = directory;
  return mkdtemp(directory) && chdir(directory) == 0 ? 0 : 1;
}

static int end(void **state)
{
  return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : 1;
}

static int client(void)
{
  struct sockaddr_un const name = { .sun_family = AF_UNIX, .sun_path = PLACE };
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd != -1);
  if (connect(fd, (struct sockaddr const *)&name, sizeof name) == 0) return fd;
  close(fd);
  return -1;
}

static bool is_there(char const *path)
{
  struct stat st;
  return lstat(path, &st) == 0;
}

static void test_the_socket(void **state)
{
  (void)state;
  struct stat st;
  uid_t uid = (uid_t)-2;
  mode_t before = umask(0777);
  assert_int_equal(client(), -1);
  int first = service_listen(&door, 0), again = service_listen(&door, SOCK_NONBLOCK);
  umask(before);
  assert_true(first != -1 && again != -1);
  assert_int_equal(stat(PLACE, &st), 0);
  assert_true(S_ISSOCK(st.st_mode));
  assert_int_equal(st.st_mode & 07777, 0620);
  assert_false(is_there(PLACE ".new"));
  int theirs = client();
  int ours = accept(again, 0, 0);
  assert_true(theirs != -1 && ours != -1);
  assert_true(service_peer(ours, &uid));
  assert_int_equal(uid, geteuid());
  assert_int_equal(accept(again, 0, 0), -1);
  assert_int_equal(errno, EAGAIN);
  service_end(&door, again);
  assert_false(is_there(PLACE));
  assert_int_equal(client(), -1);
  close(first);
  close(ours);
  close(theirs);
}

static void test_where_none_can_be_nothing_is_left(void **state)
{
  (void)state;
  char path[200];
  struct service s = door;
  memset(path, 'x', sizeof path);
  path[sizeof path - 1] = 0;
  s.path = path;
  assert_int_equal(service_listen(&s, 0), -1);
  assert_int_equal(errno, ENAMETOOLONG);
  s.path = "absent/socket";
  assert_int_equal(service_listen(&s, 0), -1);
  assert_int_equal(errno, ENOENT);
  assert_int_equal(mkdir(PLACE, 0700), 0);
  assert_int_equal(service_listen(&door, 0), -1);
  assert_int_equal(errno, EISDIR);
  assert_false(is_there(PLACE ".new"));
  assert_int_equal(rmdir(PLACE), 0);
}

static void pair(int fd[2])
{
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
}

static void test_a_request_has_a_deadline(void **state)
{
  (void)state;
  int fd[2];
  char got[9] = "";
  pair(fd);
  assert_int_equal(service_receive(fd[0], got, 0, 0), SERVICE_RECEIVED);
  assert_true(service_say(fd[1], "12345678rest", 12));
  assert_int_equal(service_receive(fd[0], got, 8, 0), SERVICE_RECEIVED);      /* what is there is not late */
  assert_string_equal(got, "12345678");
  int64_t begun = monotonic_ms();
  assert_int_equal(service_receive(fd[0], got, 8, begun + 50), SERVICE_LATE);
  assert_true(monotonic_ms() - begun >= 50);
  assert_memory_equal(got, "rest", 4);
  assert_int_equal(service_receive(fd[0], got, 8, begun), SERVICE_LATE);
  close(fd[1]);
  assert_int_equal(service_receive(fd[0], got, 8, monotonic_ms() + 60000), SERVICE_GONE);
  assert_false(service_say(fd[0], "x", 1));
  close(fd[0]);
}

static void test_and_a_bound(void **state)
{
  (void)state;
  int fd[2];
  char bytes[4];
  size_t len = 0;
  pair(fd);
  assert_true(service_take(fd[0], bytes, sizeof bytes, &len));
  assert_int_equal(len, 0);
  assert_true(service_say(fd[1], "ab", 2));
  assert_true(service_take(fd[0], bytes, sizeof bytes, &len));
  assert_int_equal(len, 2);
  assert_true(service_say(fd[1], "cde", 3));
  assert_true(service_take(fd[0], bytes, sizeof bytes, &len));
  assert_int_equal(len, 4);
  assert_memory_equal(bytes, "abcd", 4);
  assert_false(service_take(fd[0], bytes, sizeof bytes, &len));
  close(fd[0]);
  close(fd[1]);
}

static void test_who_does_not_read_holds_up_nobody(void **state)
{
  (void)state;
  static char const answer[1000];
  int fd[2], said = 0;
  pair(fd);
  while (said < 100000 && service_say(fd[0], answer, sizeof answer)) said++;
  assert_in_range(said, 10, 99999);
  close(fd[0]);
  close(fd[1]);
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_the_socket),
    cmocka_unit_test(test_where_none_can_be_nothing_is_left),
    cmocka_unit_test(test_a_request_has_a_deadline),
    cmocka_unit_test(test_and_a_bound),
    cmocka_unit_test(test_who_does_not_read_holds_up_nobody)
  };
  return cmocka_run_group_tests(tests, begin, end);
}
