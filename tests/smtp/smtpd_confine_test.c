#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "client.h"
#include "queue_client.h"
#include "smtpd_confine.h"

/* ---- what it is told ---- */

static bool speaks_for_others, needs_a_program;

bool client_may_say_xclient(void) { return speaks_for_others; }
bool queue_client_starts_nothing(void) { return !needs_a_program; }

/* ---- deeds: 0 or errno ---- */

static int result(long r)
{
  return r == -1 ? errno : 0;
}

static int tells_names(void) { return result(open("/etc/passwd", O_RDONLY)); }
static int forgets(void) { return result(open("/dev/null", O_RDWR)); }
static int writes(void) { return result(open("/tmp", O_TMPFILE | O_WRONLY, 0600)); }
static int makes(void) { return result(mkdir("/tmp/smtpd-confine-test", 0700)); }
static int runs_a_shell(void) { return result(execl("/bin/sh", "sh", "-c", "exit 0", (char *)0)); }
static int unshares(void) { return result(unshare(CLONE_NEWUSER)); }
static int asks_the_kernel(void) { return result(syscall(SYS_io_uring_setup, 1, 0)); }
static int asks_a_service(void) { return result(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int asks_a_list(void) { return result(socket(AF_INET6, SOCK_DGRAM, 0)); }
static int listens_to_all(void) { return result(socket(AF_PACKET, SOCK_RAW, 0)); }

static int forks(void)
{
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  return result(waitpid(pid, 0, 0));
}

/* Nobody is there: refused by him, not by the kernel. */
static int connects_to(uint16_t port)
{
  struct sockaddr_in const to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  return result(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr const *)&to, sizeof to));
}

static int sends_mail(void)
{
  long version = syscall(SYS_landlock_create_ruleset, 0, 0, 1);
  int r = connects_to(25);
  return version < 4 ? EACCES : r;
}

static struct { int (*deed)(void); int expected; } const deeds[] = {
  { tells_names, 0 }, { forgets, 0 }, { forks, 0 }, { asks_a_service, 0 }, { asks_a_list, 0 },
  { writes, EACCES }, { makes, EACCES }, { runs_a_shell, EACCES }, { unshares, EPERM }, { asks_the_kernel, EPERM },
  { listens_to_all, EPERM }, { sends_mail, EACCES }
};

static int outcome(int (*deed)(void))
{
  int wstat;
  pid_t pid = fork();
  if (pid == 0) {
    smtpd_confine();
    _exit(deed());
  }
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  return WEXITSTATUS(wstat);
}

static void what_is_taken_and_what_stays(void **state)
{
  (void)state;
  if (syscall(SYS_landlock_create_ruleset, 0, 0, 1) < 2) skip();
  for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
    int got = outcome(deeds[i].deed);
    if (got != deeds[i].expected) fail_msg("deed %zu: %s", i, strerror(got));
  }
}

static void who_may_need_a_program_of_the_site_keeps_all(void **state)
{
  (void)state;
  speaks_for_others = true;
  assert_int_equal(outcome(runs_a_shell), 0);
  speaks_for_others = false;
  needs_a_program = true;
  assert_int_equal(outcome(runs_a_shell), 0);
  needs_a_program = false;
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_taken_and_what_stays), cmocka_unit_test(who_may_need_a_program_of_the_site_keeps_all)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
