/* A child that ends in time, and one that does not and is ended with all that it has started. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

static void one_that_ends(void **state)
{
  int wstat = 0;
  (void)state;
  pid_t pid = fork();
  if (pid == 0) _exit(7);
  assert_int_equal(child_wait(pid, 60000, &wstat), CHILD_ENDED);
  assert_true(WIFEXITED(wstat) && WEXITSTATUS(wstat) == 7);
  assert_true(waitpid(pid, &wstat, 0) == -1 && errno == ECHILD);
}

/* The pipe is at its end when nobody of the group is there any more. */
static void one_that_hangs(void **state)
{
  int ends[2], wstat = 0;
  char c;
  (void)state;
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    if (fork() >= 0) for (;;) pause();
    _exit(1);
  }
  setpgid(pid, pid);
  close(ends[1]);
  assert_int_equal(child_wait(pid, 50, &wstat), CHILD_LATE);
  assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGKILL);
  assert_int_equal(read(ends[0], &c, 1), 0);
  close(ends[0]);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(one_that_ends), cmocka_unit_test(one_that_hangs) };
  return cmocka_run_group_tests(tests, 0, 0);
}
