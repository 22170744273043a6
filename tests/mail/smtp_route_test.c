/* smtproutes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp_route.h"

static struct { char const *value, *host; unsigned port; } const relays[] = {
  { "relay",               "relay",         25 },
  { "relay:26",            "relay",         26 },
  { "relay:65535",         "relay",         65535 },
  { "relay:65536",         "relay",         0 },
  { "relay:99999999999999999999", "relay",  0 },
  { "relay:",              "relay",         0 },
  { "relay:smtp",          "relay",         0 },
  { "relay:25x",           "relay",         25 },
  { "relay:25:x",          "relay",         25 },
  { "relay:26:tls",        "relay",         26 },
  { "relay:26:tlsx",       "relay",         26 },
  { "relay:465",           "relay",         465 },
  { "[::1]:26:tls",        "[::1]",         26 },
  { "relay:-1",            "relay",         0 },
  { ":26",                 "",              26 },
  { "10.0.0.1:26",         "10.0.0.1",      26 },
  { "[10.0.0.1]:26",       "[10.0.0.1]",    26 },
  { "[::1]",               "[::1]",         25 },
  { "[::1]:26",            "[::1]",         26 },
  { "[IPv6:::1]:26",       "[IPv6:::1]",    26 },
  { "[::1",                "[",             0 },
};

static void relay_values(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof relays / sizeof *relays; i++) {
    struct smtp_route r;
    smtp_route_parse(&r, relays[i].value, strlen(relays[i].value));
    assert_int_equal(r.host_len, strlen(relays[i].host));
    assert_memory_equal(r.host, relays[i].host, r.host_len);
    assert_int_equal(r.port, relays[i].port);
  }
}

static struct { char const *value; bool tls; } const ways[] = {
  { "relay", false }, { "relay:25", false }, { "relay:465", true }, { "relay:26:tls", true }, { "relay:26:tlsx", false },
  { "relay:26:", false }, { "relay:tls", false }, { "[::1]:26:tls", true }, { "[::1]", false }, { "relay:0465", true }
};

static void tls_may_come_first(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    struct smtp_route r;
    smtp_route_parse(&r, ways[i].value, strlen(ways[i].value));
    if (r.tls != ways[i].tls) fail_msg("%s", ways[i].value);
  }
}

static char const table[] =
  "Exact.example:one\n.b.example:two\n.example:three\nempty.example:\ntwice.test:first\ntwice.test:last\nno colon\n";

static struct { char const *host, *relay; } const routes[] = {
  { "exact.example",    "one" },
  { "EXACT.EXAMPLE",    "one" },
  { "a.exact.example",  "three" },
  { "a.b.example",      "two" },
  { "x.a.b.example",    "two" },
  { "b.example",        "three" },
  { "empty.example",    0 },
  { "example",          0 },
  { "twice.test",       "last" },
  { "nowhere.test",     0 },
  { "no colon",         0 },
  { "",                 0 },
};

static void routes_for(char const *text, char const *otherwise)
{
  struct nameset set = NAMESET_ZERO;
  assert_true(nameset_map(&set, text, strlen(text)));
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
    struct smtp_route r;
    char const *wanted = routes[i].relay;
    if (!wanted && strcmp(routes[i].host, "empty.example")) wanted = otherwise;
    assert_int_equal(smtp_route_for(&r, &set, routes[i].host), wanted != 0);
    if (!wanted) continue;
    assert_int_equal(r.host_len, strlen(wanted));
    assert_memory_equal(r.host, wanted, r.host_len);
  }
  nameset_free(&set);
}

static void without_default(void **state)
{
  (void)state;
  routes_for(table, 0);
}

static void with_default(void **state)
{
  char text[sizeof table + 20];
  (void)state;
  strcpy(text, table);
  strcat(text, ":hub\n");
  routes_for(text, "hub");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(relay_values), cmocka_unit_test(tls_may_come_first), cmocka_unit_test(without_default), cmocka_unit_test(with_default),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
