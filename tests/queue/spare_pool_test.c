/* How many files are kept for the next messages: as many as were wanted lately, none when nobody wants any. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "queue_message.h"
#include "queue_path.h"
#include "queue_spare.h"
#include "spare_pool.h"

enum { MINUTE = 60000 };

static int64_t clock_ms = 5;
static char place[] = "/tmp/spare-pool-XXXXXX";

/* In place of that of the library. */
int64_t monotonic_ms(void)
{
  return clock_ms;
}

static int set_up(void **state)
{
  char path[QUEUE_PATH_MAX];
  (void)state;
  if (!mkdtemp(place) || chdir(place) || mkdir("mess", 0700) || mkdir("lock", 0700)) return -1;
  for (unsigned i = 0; i < QUEUE_SPLIT; i++) {
    snprintf(path, sizeof path, "mess/%u", i);
    if (mkdir(path, 0700)) return -1;
  }
  spare_pool_begin();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  return chdir("/") || rm_rf(place);
}

static uint64_t message(void)
{
  static struct queue_writer w = { .uses_again = true };
  uint64_t id;
  queue_write_begin(&w);
  queue_write_message(&w, "x\n", 2);
  queue_write_record(&w, 'F', "a@b", 3);
  queue_write_record(&w, 'T', "c", 1);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
  queue_write_end(&w);
  return id;
}

static void messages(int count)
{
  static uint64_t ids[2000];
  for (int i = 0; i < count; i++) ids[i] = message();
  for (int i = 0; i < count; i++) assert_true(spare_pool_keep(ids[i]));
}

static void a_minute_later(int64_t more)
{
  clock_ms += MINUTE + more;
  spare_pool_tend();
}

static void nothing_is_kept_that_nobody_wants(void **state)
{
  (void)state;
  assert_int_equal(spare_pool_wait(), -1);
  messages(20);
  assert_int_equal(queue_spare_offered(0), 20);
  assert_true(spare_pool_wait() > 0 && spare_pool_wait() <= MINUTE);
  a_minute_later(0);
  assert_int_equal(queue_spare_offered(0), 20);
  for (int i = 0; i < 5; i++) messages(4);
  assert_int_equal(queue_spare_offered(0), 20);
  a_minute_later(0);
  assert_int_equal(queue_spare_offered(0), 4);
  a_minute_later(0);
  assert_int_equal(queue_spare_offered(0), 0);
  assert_int_equal(spare_pool_wait(), -1);
}

static void not_more_than_a_bound(void **state)
{
  (void)state;
  messages(1000);
  assert_int_equal(queue_spare_offered(0), (4 << 20) / QUEUE_SPARE_LEAST);
  spare_pool_end();
  assert_int_equal(queue_spare_offered(0), 0);
  assert_int_equal(system("test -z \"$(find mess -type f)\""), 0);
}

static void what_is_no_message_of_a_size_is_not_kept(void **state)
{
  (void)state;
  assert_false(spare_pool_keep(4711));
  int fd = open("mess/19/4711", O_CREAT | O_WRONLY, 0600);
  close(fd);
  assert_false(spare_pool_keep(4711));
  unlink("mess/19/4711");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(nothing_is_kept_that_nobody_wants),
    cmocka_unit_test(not_more_than_a_bound),
    cmocka_unit_test(what_is_no_message_of_a_size_is_not_kept),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
