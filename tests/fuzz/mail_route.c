/* virtualdomains as a map and as text give the same answer. Input: envnoathost, locals, percenthack and virtualdomains, a NUL behind each; then a recipient that is routed. */

#include "bytes.h"
#include "fuzz.h"

#include "address.h"
#include "route.h"

static struct route_table table;
static stralloc virtual_text = STRALLOC_ZERO;

static void load(struct part *rest)
{
  struct part host = part_before(rest, 0), locals = part_before(rest, 0);
  struct part hack = part_before(rest, 0), domains = part_before(rest, 0);
  assert(bytes_setb(&table.envnoathost, host.s, host.len));
  assert(nameset_list(&table.locals, locals.s, locals.len));
  assert(nameset_list(&table.percenthack, hack.s, hack.len));
  assert(nameset_map(&table.virtualdomains, domains.s, domains.len));
  assert(bytes_setb(&virtual_text, domains.s, domains.len));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc address = STRALLOC_ZERO, other = STRALLOC_ZERO;
  struct part rest = whole(data, size);
  load(&rest);
  int channel = route(&table, &address, rest.s, rest.len);
  struct route_table as_text = table;
  as_text.virtualdomains = (struct nameset){ .text = virtual_text, .is_raw = true };
  assert(route(&as_text, &other, rest.s, rest.len) == channel && same_bytes(address.s, address.len, other.s, other.len));
  size_t at = address_at(address.s, address.len);
  assert(channel == CHANNEL_LOCAL || channel == CHANNEL_REMOTE);
  assert(at < address.len);
  size_t prefix = route_prefix(&table, address.s, address.len);
  assert(prefix <= at && prefix == route_prefix(&as_text, address.s, address.len));
  if (prefix) assert(address.s[prefix - 1] == '-' && !nameset_has(&table.locals, address.s + at + 1, address.len - at - 1));
  if (channel == CHANNEL_REMOTE) assert(!nameset_has(&table.locals, address.s + at + 1, address.len - at - 1));
  return 0;
}
