/* What is done when memory is gone is decided in one place: the program ends, or waits and tries again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include <cmocka.h>

#include "text.h"

enum { MUCH = 64 << 20 };

static unsigned gone;

static void limit(rlim_t bytes)
{
  struct rlimit l;
  if (getrlimit(RLIMIT_AS, &l) == -1) _exit(99);
  l.rlim_cur = bytes;
  if (setrlimit(RLIMIT_AS, &l) == -1) _exit(98);
}

static void wait_for_more(void)
{
  if (++gone == 3) limit(RLIM_INFINITY);
}

/* In a child that has little memory: how it ends. */
static int ends(void (*does)(void))
{
  int wstat;
  pid_t pid = fork();
  if (pid == 0) {
    limit(MUCH / 2);
    close(2);
    does();
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  assert_true(WIFEXITED(wstat));
  return WEXITSTATUS(wstat);
}

static void a_long_text(void)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, "begun");
  text_room(&text, MUCH);
  if (text.len != 5 || memcmp(text.s, "begun", 5)) _exit(1);
  memset(text.s + text.len, 'x', MUCH);
}

static void things(void)
{
  char *s = memory_zeroed(MUCH, 1);
  if (s[0] || s[MUCH - 1]) _exit(1);
  s = memory_resized(s, 2 * (size_t)MUCH, 1);
  s[2 * (size_t)MUCH - 1] = 1;
}

static void waits_for_a_long_text(void)
{
  memory_gone = wait_for_more;
  a_long_text();
  if (gone != 3) _exit(2);
}

static void waits_for_things(void)
{
  memory_gone = wait_for_more;
  things();
  if (gone != 3) _exit(2);
}

static void test_it_ends(void **state)
{
  (void)state;
  assert_int_equal(ends(a_long_text), 111);
  assert_int_equal(ends(things), 111);
}

static void test_it_waits(void **state)
{
  (void)state;
  assert_int_equal(ends(waits_for_a_long_text), 0);
  assert_int_equal(ends(waits_for_things), 0);
}

int main(void)
{
  static struct CMUnitTest const tests[] = { cmocka_unit_test(test_it_ends), cmocka_unit_test(test_it_waits) };
  PROG = "memory_test";
#ifdef __SANITIZE_ADDRESS__
  return 0;         /* whose own tables need more than any limit */
#endif
  return cmocka_run_group_tests(tests, 0, 0);
}
