/* What the status line tells of deliveries that run very long. The clock is ours. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "send.h"
#include "send_delivery.h"
#include "send_log.h"

static int log_end, commands[2], reports[2];
static struct message message = { .id = 7 };

static int begin(void **state)
{
  (void)state;
  int l[2];
  now = 1000000;
  if (pipe(l) == -1 || pipe(commands) == -1 || pipe(reports) == -1) return 1;
  if (write(reports[1], "\5\0\5\0", 4) != 4) return 1;
  log_end = l[0];
  log_to(l[1]);
  settings.concurrency[CHANNEL_LOCAL] = settings.concurrency[CHANNEL_REMOTE] = 5;
  spawners[CHANNEL_LOCAL].reports_fd = spawners[CHANNEL_REMOTE].reports_fd = reports[0];
  return spawners_begin() ? 0 : 1;
}

/* The last line that was logged, or "" when nothing was. */
static char const *logged(void)
{
  static char text[4096];
  log_line("-");
  ssize_t n = read(log_end, text, sizeof text - 1);
  assert_true(n >= 2);
  text[n - 2] = 0;
  if (n > 2) text[n - 3] = 0;
  char const *before = strrchr(text, '\n');
  return before ? before + 1 : text;
}

static void start(char const *address)
{
  struct slot *slot = delivery_slot(CHANNEL_REMOTE, &message, 0, address, strlen(address));
  assert_non_null(slot);
  assert_true(bytes_set(&slot->address, address) && bytes_end(&slot->address));
  struct destination *d = destination_of(CHANNEL_REMOTE, address, strlen(address));
  delivery_start(CHANNEL_REMOTE, "", &(stralloc)STRALLOC_ZERO, d, &slot, 1);
}

static void test_longest(void **state)
{
  (void)state;
  assert_int_equal(deliveries_look_next(), UINT64_MAX);
  deliveries_look();
  start("r@x.example");
  assert_string_equal(logged(), "status: local 0/5 remote 1/5");
  static struct { unsigned wait; char const *line; } const then[] = {
    { 1, "" }, { 598, "" }, { 61, "status: local 0/5 remote 1/5 longest 660" }, { 1000, "" }, { 1939, "" },
    { 61, "status: local 0/5 remote 1/5 longest 3660" }, { 1000, "" },
    { 3000, "status: local 0/5 remote 1/5 longest 7660" }
  };
  for (size_t i = 0; i < sizeof then / sizeof *then; i++) {
    now += then[i].wait;
    deliveries_look();
    assert_true(deliveries_look_next() > now && deliveries_look_next() <= now + 60);
    assert_string_equal(logged(), then[i].line);
  }
  start("r@y.example");
  assert_string_equal(logged(), "status: local 0/5 remote 2/5 longest 7660");
}

int main(void)
{
  static struct CMUnitTest const tests[] = { cmocka_unit_test(test_longest) };
  return cmocka_run_group_tests(tests, begin, 0);
}
