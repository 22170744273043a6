/* Which addresses of a list its manager knows, and which links lead to one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "list_address.h"

static struct { char const *rest; bool known; } const addresses[] = {
  { "subscribe", true }, { "SUBSCRIBE", true }, { "subscribe-joe=example.org", true }, { "subscribers", false }, { "subscribe.", false },
  { "unsubscribe-joe=example.org", true }, { "unsub", false },
  { "digest-subscribe", true }, { "Digest-unsubscribe-a=b", true }, { "allow-subscribe-a=b", true }, { "deny-unsubscribe", true },
  { "digest-", false }, { "digest-x", false }, { "digest-allow-subscribe", false }, { "digest", true }, { "digest.5_9", true },
  { "sc.1000000000.icgbkodbnmekcbbmhbje-a=b", true }, { "tc.1.a", true }, { "sc", false }, { "xc.1.a-a=b", false }, { "ed.1.info.a", true },
  { "help", true }, { "helper", false }, { "info", true }, { "faq", true }, { "query-a=b", true }, { "list", true }, { "listn", true }, { "listing", false },
  { "log", true }, { "log.joe", true }, { "edit.info", true }, { "get", true }, { "get.1_10", true }, { "getm5", true }, { "index", true },
  { "thread.7", true }, { "dig.code", true }, { "dig-codem", true }, { "dig", false }, { "request", true }, { "allow-return-", true },
  { "moderators", true }, { "", false }, { "sales", false }, { "joe", false }, { "owner", false },
};

static void addresses_of_a_manager_are_known(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    if (list_address_known(addresses[i].rest, strlen(addresses[i].rest)) != addresses[i].known) fail_msg("%s", addresses[i].rest);
}

static struct { char const *name, *target; size_t stem; } const links[] = {
  { ".qmail-sos-default", "/l/sos/manager", 11 },
  { ".qmail-default", "/l/sos/manager", 7 },
  { ".qmail-sos", "/l/sos/manager", 0 },
  { ".qmail-sos-default", "/l/sos/bouncer", 0 },
  { ".qmail-sos-default", "sos/manager", 0 },
  { ".qmail-sos-default", "/manager", 0 },
  { "-default", "/l/manager", 0 },
};

static void links_lead_to_a_manager(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    size_t stem = 0;
    bool is = list_address_is_manager(links[i].name, links[i].target, strlen(links[i].target), &stem);
    if (is != (links[i].stem > 0) || stem != links[i].stem) fail_msg("%s -> %s", links[i].name, links[i].target);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(addresses_of_a_manager_are_known),
    cmocka_unit_test(links_lead_to_a_manager),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
