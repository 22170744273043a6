/* Who accepts waits the longer the more is waiting, up to a bound, and what qmail-send says last counts. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backlog.h"

static void test_the_delay_grows_with_the_backlog(void **state)
{
  static struct { size_t messages; unsigned us; } const table[] = {
    { 0, 0 }, { 1, 0 }, { BACKLOG_FREE, 0 }, { BACKLOG_FREE + 1, BACKLOG_US }, { BACKLOG_FREE + 150, 150 * BACKLOG_US },
    { BACKLOG_FREE + BACKLOG_MOST_US / BACKLOG_US, BACKLOG_MOST_US }, { 1000000, BACKLOG_MOST_US }, { SIZE_MAX, BACKLOG_MOST_US }
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    assert_int_equal(backlog_delay_for(table[i].messages), table[i].us);
}

static void test_what_was_told_last_counts(void **state)
{
  static size_t const told[] = { 0, 400, 16, 100000, 100000, 700, 0, 416 };
  (void)state;
  backlog_begin();
  for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
    backlog_tell(told[i]);
    assert_int_equal(backlog_delay_us(), backlog_delay_for(told[i] / BACKLOG_UNIT * BACKLOG_UNIT));
  }
}

/* Also when somebody else has read the FIFO meanwhile, or written to it. */
static void test_what_others_did_to_it_is_mended(void **state)
{
  char bytes[300] = { 0 };
  (void)state;
  backlog_tell(3000);
  int fd = open("lock/backlog", O_RDWR | O_NONBLOCK);
  assert_true(read(fd, bytes, sizeof bytes) > 0);
  backlog_tell(0);
  backlog_tell(3000);
  assert_int_equal(backlog_delay_us(), BACKLOG_MOST_US);
  assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
  close(fd);
  for (int i = 0; i < 3; i++) backlog_tell(0);
  assert_int_equal(backlog_delay_us(), 0);
}

static void test_without_its_fifo_nobody_waits(void **state)
{
  (void)state;
  assert_int_equal(unlink("lock/backlog"), 0);
  assert_int_equal(backlog_delay_us(), 0);
  assert_int_equal(symlink("/dev/zero", "lock/backlog"), 0);
  assert_int_equal(backlog_delay_us(), 0);
  backlog_begin();
  backlog_tell(100000);
}

static int enter(void **state)
{
  static char place[] = "/tmp/backlog-XXXXXX";
  *state = place;
  return !mkdtemp(place) || chdir(place) == -1 || mkdir("lock", 0700) == -1 || mkfifo("lock/backlog", 0600) == -1;
}

static int leave(void **state)
{
  return unlink("lock/backlog") == -1 || rmdir("lock") == -1 || rmdir(*state) == -1;
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_the_delay_grows_with_the_backlog),
    cmocka_unit_test(test_what_was_told_last_counts),
    cmocka_unit_test(test_what_others_did_to_it_is_mended),
    cmocka_unit_test(test_without_its_fifo_nobody_waits)
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
