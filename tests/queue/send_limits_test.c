/* Which lines hold for a destination. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "send.h"
#include "send_limits.h"

static int begin(void **state)
{
  static char const connections[] = ":7\nx.example:2\n.google.example:4\nbad.example:many\nfree.example:0\nrelay.example:1\n10.0.0.9:3\n";
  static char const rates[] = "x.example:60\ny.example:10/30\n.google.example:30\nbad.example:1/0\nfree.example:0\n";
  (void)state;
  settings.concurrencydestination = 10;
  return !nameset_map(&settings.destinationconnections, connections, strlen(connections))
         || !nameset_map(&settings.destinationrate, rates, strlen(rates));
}

static struct { char const *domain; unsigned connections, messages; } const domains[] = {
  { "x.example", 2, 60 }, { "X.Example", 2, 60 }, { "y.example", 7, 10 }, { "sub.x.example", 7, 0 }, { "a.google.example", 4, 30 },
  { "google.example", 7, 0 }, { "bad.example", 7, 0 }, { "free.example", 0, 0 }, { "", 7, 0 }
};

static void a_domain_has_its_line(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
    struct send_limits l = limits_of_domain(domains[i].domain, strlen(domains[i].domain));
    if (l.connections != domains[i].connections || l.rate.messages != domains[i].messages) fail_msg("%s", domains[i].domain);
  }
}

static struct { char const *servers, *domain; unsigned connections, messages; } const shared[] = {
  { "mx.elsewhere.example", "z.example", 7, 0 },
  { "mx1.google.example,mx2.google.example>x.example", "z.example", 2, 30 },
  { "mx1.google.example", "x.example", 2, 30 },
  { "mx1.google.example", "y.example", 4, 10 },
  { "mx1.google.example", "free.example", 4, 30 },
  { "mx.elsewhere.example", "free.example", 0, 0 },
  { "relay.example:25", "z.example", 1, 0 },
  { "10.0.0.9,2001:db8::1", "z.example", 3, 0 },
  { ">,", "x.example", 2, 60 },
};

static void the_strictest_named_line_holds_for_servers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
    struct send_limits l = limits_of_servers(shared[i].servers, strlen(shared[i].servers));
    struct send_limits d = limits_of_domain(shared[i].domain, strlen(shared[i].domain));
    limits_join(&l, &d);
    if (l.connections != shared[i].connections || l.rate.messages != shared[i].messages)
      fail_msg("%zu: %u, %u", i, l.connections, l.rate.messages);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(a_domain_has_its_line), cmocka_unit_test(the_strictest_named_line_holds_for_servers) };
  return cmocka_run_group_tests(tests, begin, 0);
}
