#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "control.h"
#include "route.h"

int route_load(struct route_table *table, char const **culprit)
{
  struct route_table fresh = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO,
                               .percenthack = NAMESET_ZERO, .virtualdomains = NAMESET_ZERO };
  struct control const controls[] = {
    { "envnoathost",    CONTROL_LINE,  &fresh.envnoathost,    CONTROL_ME },
    { "locals",         CONTROL_NAMES, &fresh.locals,         CONTROL_ME_NEEDED },
    { "percenthack",    CONTROL_NAMES, &fresh.percenthack,    0 },
    { "virtualdomains", CONTROL_MAP,   &fresh.virtualdomains, 0 },
    { 0 }
  };
  if (!control_load(controls, culprit)) {
    route_free(&fresh);
    return 0;
  }
  route_free(table);
  *table = fresh;
  return 1;
}

void route_free(struct route_table *table)
{
  stralloc_free(&table->envnoathost);
  nameset_free(&table->locals);
  nameset_free(&table->percenthack);
  nameset_free(&table->virtualdomains);
}

/* user%host@hackdomain becomes user@host, as often as it applies. */
static void undo_percents(struct route_table const *table, stralloc *address)
{
  for (;;) {
    size_t at = address_at(address->s, address->len);
    if (!nameset_has(&table->percenthack, address->s + at + 1, address->len - at - 1)) return;
    size_t percent = byte_rchr(address->s, at, '%');
    if (percent == at) return;
    address->s[percent] = '@';
    address->len = at;
  }
}

/* What virtualdomains says of the address: the whole address, the domain, its dot suffixes, the empty name. */
static struct nameset_entry const *virtual_entry(struct route_table const *table, stralloc const *address, size_t at)
{
  struct nameset const *map = &table->virtualdomains;
  struct nameset_entry const *e = nameset_entry_of(map, address->s, address->len);
  if (!e) e = nameset_domain(map, address->s + at + 1, address->len - at - 1);
  if (!e) e = nameset_entry_of(map, "", 0);
  return e;
}

int route(struct route_table const *table, stralloc *address, char const *recipient, size_t len)
{
  if (!stralloc_copyb(address, recipient, len)) return -1;
  if (address_at(recipient, len) == len
      && (!stralloc_append(address, '@') || !stralloc_cat(address, &table->envnoathost))) return -1;
  undo_percents(table, address);

  size_t at = address_at(address->s, address->len);
  if (nameset_has(&table->locals, address->s + at + 1, address->len - at - 1)) return CHANNEL_LOCAL;
  struct nameset_entry const *e = virtual_entry(table, address, at);
  if (!e || !e->value_len) return CHANNEL_REMOTE;
  if (!stralloc_insertb(address, 0, "-", 1)
      || !stralloc_insertb(address, 0, table->virtualdomains.text.s + e->value, e->value_len)) return -1;
  return CHANNEL_LOCAL;
}
