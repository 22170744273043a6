#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "takeover_envelope.h"

static struct { char const *line; bool valid; uint64_t pid; char const *who; } const received[] = {
  { "", false, 0, 0 },
  { "Received: (qmail 7 invoked by uid 5); 1 Jan 2000 00:00:00 -0000", false, 0, 0 },
  { "Received: (qmail 7 invoked by uid 5); 1 Jan\nx", true, 7, "by uid 5" },
  { "Received: (qmail 7 invoked from network); x\n", true, 7, "from network" },
  { "Received: (qmail 7 invoked by uid 5\n)\n", false, 0, 0 },
  { "Received: (qmail  invoked by uid 5);\n", false, 0, 0 },
  { "Received: (qmail 99999999999999999999 invoked by uid 5);\n", false, 0, 0 },
  { "received: (qmail 7 invoked by uid 5);\n", false, 0, 0 },
  { "Received: (qmail 7 invoked )\n", true, 7, "" }
};

static void received_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof received / sizeof *received; i++) {
    uint64_t pid;
    char const *who;
    size_t len;
    bool valid = old_received(received[i].line, strlen(received[i].line), &pid, &who, &len);
    if (valid != received[i].valid) fail_msg("%s", received[i].line);
    if (!valid) continue;
    assert_int_equal(pid, received[i].pid);
    assert_int_equal(len, strlen(received[i].who));
    assert_memory_equal(who, received[i].who, len);
  }
}

static struct { char const *stored, *becomes; int found; } const addresses[] = {
  { "u@local", "u@local", 1 },
  { "a-b-u@virtual", "u@virtual", 1 },
  { "a-b-a-b-u@virtual", "a-b-u@virtual", 1 },
  { "a-b-@virtual", "@virtual", 1 },
  { "x-me@one", "me@one", 1 },
  { "x-you@one", "x-you@first", 0 },
  { "c-u@a.suffix", "u@a.suffix", 1 },
  { "all-u@anything", "all-u@first", 0 },
  { "u@virtual", "u@first", 0 },
  { "-u@virtual", "-u@first", 0 },
  { "nodomain", "nodomain@first", 0 },
  { "", "@first", 0 }
};

static void local_recipients_keep_their_user(void **state)
{
  (void)state;
  struct route_table table = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO, .percenthack = NAMESET_ZERO,
                               .virtualdomains = NAMESET_ZERO };
  static char const map[] = "virtual:a-b\nme@one:x\n.suffix:c\n";
  assert_true(bytes_set(&table.envnoathost, "nowhere"));
  assert_true(nameset_list(&table.locals, "first\nlocal\n", 12));
  assert_true(nameset_map(&table.virtualdomains, map, sizeof map - 1));
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    stralloc to = STRALLOC_ZERO;
    char const *stored = addresses[i].stored, *becomes = addresses[i].becomes;
    int found = old_local_recipient(&table, &to, stored, strlen(stored));
    if (found != addresses[i].found || to.len != strlen(becomes) || memcmp(to.s, becomes, to.len))
      fail_msg("%s: %d %.*s", stored, found, (int)to.len, to.s);
    stralloc_free(&to);
  }
  route_free(&table);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(received_lines), cmocka_unit_test(local_recipients_keep_their_user) };
  return cmocka_run_group_tests(tests, 0, 0);
}
