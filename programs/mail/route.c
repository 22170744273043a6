#include <stdint.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "bytes.h"
#include "control.h"
#include "route.h"

int route_load_text(struct route_table *table, char const **culprit)
{
  struct route_table fresh = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO, .percenthack = NAMESET_ZERO,
                               .virtualdomains = NAMESET_ZERO, .virtual_text = STRALLOC_ZERO };
  struct control const controls[] = {
    { "envnoathost",    CONTROL_LINE,  &fresh.envnoathost,    CONTROL_ME },
    { "locals",         CONTROL_NAMES, &fresh.locals,         CONTROL_ME_NEEDED },
    { "percenthack",    CONTROL_NAMES, &fresh.percenthack,    0 },
    { "virtualdomains", CONTROL_TEXT,  &fresh.virtual_text,   0 },
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

int route_make_map(struct route_table *table)
{
  if (!nameset_map(&table->virtualdomains, table->virtual_text.s, table->virtual_text.len)) return 0;
  stralloc_free(&table->virtual_text);
  return 1;
}

int route_load(struct route_table *table, char const **culprit)
{
  struct route_table fresh = { .envnoathost = STRALLOC_ZERO };
  if (!route_load_text(&fresh, culprit) || !route_make_map(&fresh)) {
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
  stralloc_free(&table->virtual_text);
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

/* ---- what virtualdomains says of the address: the whole address, the domain, its dot suffixes, the empty name ---- */

static char const *value_by_map(struct nameset const *map, stralloc const *address, size_t at, size_t *len)
{
  struct nameset_entry const *e = nameset_entry_of(map, address->s, address->len);
  if (!e) e = nameset_domain(map, address->s + at + 1, address->len - at - 1);
  if (!e) e = nameset_entry_of(map, "", 0);
  *len = e ? e->value_len : 0;
  return e ? map->text.s + e->value : 0;
}

static size_t const no_rank = SIZE_MAX;

/* The place of the name in this order. */
static size_t rank(struct nameset_line const *l, stralloc const *address, size_t at)
{
  size_t from = address->len - l->name_len;
  if (!l->name_len) return no_rank - 1;
  if (l->name_len > address->len || (from && from <= at)) return no_rank;
  if (from > at + 1 && address->s[from] != '.') return no_rank;
  return nameset_same(l->name, address->s + from, l->name_len) ? from : no_rank;
}

static char const *value_by_text(stralloc const *text, stralloc const *address, size_t at, size_t *len)
{
  struct nameset_line l;
  char const *value = 0;
  size_t best = no_rank - 1;
  for (size_t i = 0; nameset_line_next(&l, text->s, text->len, &i, true);) {
    size_t r = rank(&l, address, at);
    if (r > best) continue;
    best = r;
    value = l.value;
    *len = l.value_len;
  }
  return value;
}

static char const *virtual_value(struct route_table const *table, stralloc const *address, size_t at, size_t *len)
{
  if (table->virtual_text.len) return value_by_text(&table->virtual_text, address, at, len);
  return value_by_map(&table->virtualdomains, address, at, len);
}

size_t route_prefix(struct route_table const *table, char const *address, size_t len)
{
  stralloc const whole = { .s = (char *)address, .len = len };
  size_t at = address_at(address, len), value_len = 0;
  bool is_virtual = at < len && !nameset_has(&table->locals, address + at + 1, len - at - 1);
  char const *value = is_virtual ? virtual_value(table, &whole, at, &value_len) : 0;
  bool begins = value && value_len && value_len < at && !memcmp(address, value, value_len) && address[value_len] == '-';
  return begins ? value_len + 1 : 0;
}

int route(struct route_table const *table, stralloc *address, char const *recipient, size_t len)
{
  if (!bytes_setb(address, recipient, len)) return -1;
  if (address_at(recipient, len) == len
      && (!bytes_addc(address, '@') || !bytes_addx(address, &table->envnoathost))) return -1;
  undo_percents(table, address);

  size_t at = address_at(address->s, address->len);
  if (nameset_has(&table->locals, address->s + at + 1, address->len - at - 1)) return CHANNEL_LOCAL;
  size_t len_before = 0;
  char const *before = virtual_value(table, address, at, &len_before);
  if (!before || !len_before) return CHANNEL_REMOTE;
  if (!bytes_insertb(address, 0, "-", 1) || !bytes_insertb(address, 0, before, len_before)) return -1;
  return CHANNEL_LOCAL;
}
