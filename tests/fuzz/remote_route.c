/* smtproutes, or tlspolicy, a NUL, a host that is looked up there; the file tcpto. */

#include "fuzz.h"

#include "tls_policy.h"
#include "smtp_route.h"
#include "tcpto.h"

static void check_relay(struct part file, char const *host)
{
  struct nameset routes = NAMESET_ZERO;
  struct smtp_route relay;
  assert(nameset_map(&routes, file.s, file.len));
  if (smtp_route_for(&relay, &routes, host))
    assert(relay.port <= 65535 && relay.host >= routes.text.s &&
           relay.host + relay.host_len <= routes.text.s + routes.text.len);
  nameset_free(&routes);
}

static void check_policy(struct part file, char const *host)
{
  struct nameset lines = NAMESET_ZERO;
  char names[TLS_NAMES * (TLS_NAME_MAX + 1)];
  assert(nameset_map(&lines, file.s, file.len));
  struct tls_policy p = policy_for(&lines, host, 0);
  assert(p.level <= POLICY_SENSELESS && (!p.names.len || p.level >= POLICY_VERIFY));
  size_t len = policy_names(names, sizeof names, p.names);
  assert(len <= sizeof names && (!len || !names[len - 1]));
  nameset_free(&lines);
}

static void check_timeouts(struct part file)
{
  static struct tcpto_table table;
  ip46 ip;
  tcpto_unpack(&table, file.s, file.len);
  ip46_from_ip4(&ip, "\x7f\0\0\1");
  tcpto_resting(&table, &ip, 1000, 1);
  if (table.count) {
    int i = tcpto_note_timeout(&table, &ip, 1000);
    assert(i < (int)table.count && tcpto_knows(&table, &ip));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), file = part_before(&rest, 0);
  char *host = strndup(rest.len ? rest.s : "", rest.len);
  check_relay(file, host);
  check_policy(file, host);
  check_timeouts(whole(data, size));
  free(host);
  return 0;
}
