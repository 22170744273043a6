#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "unnamed.h"

static char place[] = "/tmp/unnamed_test.XXXXXX";
static int dir;

static int begin(void **state)
{
  (void)state;
  return mkdtemp(place) && chmod(place, 0777) == 0 && (dir = open(place, O_PATH | O_DIRECTORY)) != -1 ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  for (char const *name = "abc"; *name; name++) unlinkat(dir, (char const[]){ *name, 0 }, 0);
  return rmdir(place);
}

static int unnamed(void)
{
  return openat(dir, ".", O_TMPFILE | O_WRONLY, 0600);
}

/* Whether a file that is opened, and another one, get their names, and what else is said is right. */
static bool names(void)
{
  struct stat st;
  int fd = unnamed(), other = unnamed();
  bool ok = unnamed_link(fd, dir, "a") && fstatat(dir, "a", &st, 0) == 0 && st.st_nlink == 1
         && !unnamed_link(other, dir, "a") && errno == EEXIST
         && !unnamed_link(other, dir, "none/a") && errno == ENOENT
         && !unnamed_link(-1, dir, "b") && errno
         && unnamed_link(other, dir, "b") && unnamed_link(fd, dir, "c")
         && fstatat(dir, "c", &st, 0) == 0 && st.st_nlink == 2;
  close(fd);
  close(other);
  return ok;
}

static bool in_a_child(bool (*deed)(void))
{
  int wstat;
  pid_t pid = fork();
  if (pid == 0) _exit(deed() ? 0 : 1);
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  for (char const *name = "abc"; *name; name++) unlinkat(dir, (char const[]){ *name, 0 }, 0);
  return wstat == 0;
}

static bool names_as_another(void)
{
  return setgid(65534) == 0 && setuid(65534) == 0 && names();
}

/* Who opened it was somebody else: the kernel wants the longer way. */
static bool names_what_others_opened(void)
{
  struct stat st;
  int fd = unnamed(), other = unnamed();
  return fchown(fd, 65534, 65534) == 0 && fchown(other, 65534, 65534) == 0 && setgid(65534) == 0 && setuid(65534) == 0
      && unnamed_link(fd, dir, "a") && unnamed_link(other, dir, "b") && fstatat(dir, "b", &st, 0) == 0;
}

static void a_file_gets_a_name(void **state)
{
  (void)state;
  assert_true(in_a_child(names));
}

static void whoever_runs_it(void **state)
{
  (void)state;
  if (getuid()) skip();
  assert_true(in_a_child(names_as_another));
  assert_true(in_a_child(names_what_others_opened));
}

int main(void)
{
  static struct CMUnitTest const tests[] = { cmocka_unit_test(a_file_gets_a_name), cmocka_unit_test(whoever_runs_it) };
  return cmocka_run_group_tests(tests, begin, end);
}
