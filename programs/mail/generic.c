#include <string.h>

#include "address.h"
#include "control.h"
#include "generic.h"
#include "text.h"

/* "@host" takes the place of the host alone. */
static bool put(stralloc *address, size_t at, struct field to)
{
  if (!to.len || !memchr(to.s, '@', to.len) || to.s[to.len - 1] == '@') return false;
  if (*to.s == '@') address->len = at;
  else address->len = 0;
  text_addb(address, to.s, to.len);
  return true;
}

static bool try(stralloc *address, size_t at, struct nameset const *map, char const *name, size_t len)
{
  struct field to;
  return nameset_find(map, name, len, &to) == 1 && put(address, at, to);
}

bool generic_find(stralloc *address, struct nameset const *map, struct nameset const *locals)
{
  size_t at = address_at(address->s, address->len);
  if (!at || at + 1 >= address->len) return false;
  if (try(address, at, map, address->s, address->len)) return true;
  bool ours = nameset_has(locals, address->s + at + 1, address->len - at - 1);
  if (ours && try(address, at, map, address->s, at)) return true;
  return try(address, at, map, address->s + at, address->len - at);
}

bool generic_replace(stralloc *address)
{
  static struct nameset map = NAMESET_ZERO, locals = NAMESET_ZERO;
  static struct control const maps[] = { { "genericfrom", CONTROL_MAP, &map, 0 }, { 0 } };
  static struct control const ours[] = { { "locals", CONTROL_NAMES, &locals, CONTROL_ME }, { 0 } };
  static bool known = false;
  if (!known) {
    control_load_or_die(maps);
    if (map.count) control_load_or_die(ours);
  }
  known = true;
  return map.count && generic_find(address, &map, &locals);
}
