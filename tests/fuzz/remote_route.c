/* smtproutes, a NUL, a host that is looked up there; the file tcpto. */

#include "fuzz.h"

#include "remote_route.h"
#include "tcpto.h"

static void check_relay(struct part file, char const *host)
{
  struct nameset routes = NAMESET_ZERO;
  struct relay relay;
  assert(nameset_map(&routes, file.s, file.len));
  if (relay_for(&relay, &routes, host))
    assert(relay.port <= 65535 && relay.host >= routes.text.s &&
           relay.host + relay.host_len <= routes.text.s + routes.text.len);
  nameset_free(&routes);
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
  check_timeouts(whole(data, size));
  free(host);
  return 0;
}
