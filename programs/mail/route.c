#include <stdint.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "address_utf8.h"
#include "bytes.h"
#include "control.h"
#include "home.h"
#include "nameset_cdb.h"
#include "route.h"

int route_load_text(struct route_table *table, char const **culprit)
{
  struct route_table fresh = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO, .percenthack = NAMESET_ZERO,
                               .virtualdomains = NAMESET_ZERO };
  struct control const controls[] = {
    { "envnoathost",    CONTROL_LINE,    &fresh.envnoathost,    CONTROL_ME },
    { "locals",         CONTROL_NAMES,   &fresh.locals,         CONTROL_ME_NEEDED },
    { "percenthack",    CONTROL_NAMES,   &fresh.percenthack,    0 },
    { "virtualdomains", CONTROL_RAW_MAP, &fresh.virtualdomains, 0 },
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
  return nameset_index(&table->virtualdomains);
}

/* Who stays has all of it in memory. */
static bool keep_map(struct nameset *map)
{
  return map->cdb ? nameset_cdb_keep(map) : nameset_index(map);
}

int route_load(struct route_table *table, char const **culprit)
{
  struct route_table fresh = { .envnoathost = STRALLOC_ZERO };
  if (!route_load_text(&fresh, culprit) || !keep_map(&fresh.virtualdomains)) {
    route_free(&fresh);
    return 0;
  }
  route_free(table);
  *table = fresh;
  return 1;
}

/* From any working directory: who asks is at work somewhere else. */
static bool read_text(struct nameset *map)
{
  struct nameset fresh = { .is_raw = true };
  bool read = control_slurp_path(&fresh.text, HOME "/control/virtualdomains") == 1 && nameset_index(&fresh);
  nameset_free(read ? map : &fresh);
  if (read) *map = fresh;
  return read;
}

void route_free(struct route_table *table)
{
  stralloc_free(&table->envnoathost);
  nameset_free(&table->locals);
  nameset_free(&table->percenthack);
  nameset_free(&table->virtualdomains);
}

/* user%host@hackdomain becomes user@host, as often as it applies; and each host what DNS calls it. False without memory. */
static bool undo_percents(struct route_table const *table, stralloc *address)
{
  for (;;) {
    if (address_utf8_take(address) == ADDRESS_NO_MEMORY) return false;
    size_t at = address_at(address->s, address->len);
    if (!nameset_has(&table->percenthack, address->s + at + 1, address->len - at - 1)) return true;
    size_t percent = byte_rchr(address->s, at, '%');
    if (percent == at) return true;
    address->s[percent] = '@';
    address->len = at;
  }
}

/* ---- what virtualdomains says of the address: the whole address, the domain, its dot suffixes, the empty name ---- */

static int value_by_map(struct nameset const *map, stralloc const *address, size_t at, struct field *value)
{
  int r = nameset_find(map, address->s, address->len, value);
  if (!r) r = nameset_find_domain(map, address->s + at + 1, address->len - at - 1, value);
  return r ? r : nameset_find(map, "", 0, value);
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

static int value_by_text(stralloc const *text, stralloc const *address, size_t at, struct field *value)
{
  struct nameset_line l;
  int found = 0;
  size_t best = no_rank - 1;
  for (size_t i = 0; nameset_line_next(&l, text->s, text->len, &i, true);) {
    size_t r = rank(&l, address, at);
    if (r > best) continue;
    best = r;
    *value = (struct field){ l.value, l.value_len };
    found = 1;
  }
  return found;
}

/* 1, 0 when it says nothing, -1 when it is damaged. */
static int virtual_value(struct route_table const *table, stralloc const *address, size_t at, struct field *value)
{
  struct nameset const *map = &table->virtualdomains;
  return map->is_raw ? value_by_text(&map->text, address, at, value) : value_by_map(map, address, at, value);
}

size_t route_prefix(struct route_table const *table, char const *address, size_t len)
{
  stralloc const whole = { .s = (char *)address, .len = len };
  struct field value;
  size_t at = address_at(address, len);
  bool is_virtual = at < len && !nameset_has(&table->locals, address + at + 1, len - at - 1);
  if (!is_virtual || virtual_value(table, &whole, at, &value) != 1 || !value.len || value.len >= at) return 0;
  return !memcmp(address, value.s, value.len) && address[value.len] == '-' ? value.len + 1 : 0;
}

static int local(stralloc *address)
{
  return address_utf8_compose(address) ? CHANNEL_LOCAL : -1;
}

int route(struct route_table const *table, stralloc *address, char const *recipient, size_t len)
{
  if (!bytes_setb(address, recipient, len)) return -1;
  if (address_at(recipient, len) == len
      && (!bytes_addc(address, '@') || !bytes_addx(address, &table->envnoathost))) return -1;
  if (!undo_percents(table, address)) return -1;

  size_t at = address_at(address->s, address->len);
  if (nameset_has(&table->locals, address->s + at + 1, address->len - at - 1)) return local(address);
  struct field before;
  int r = virtual_value(table, address, at, &before);
  if (r == -1) return -1;
  if (!r || !before.len) return CHANNEL_REMOTE;
  if (!bytes_insertb(address, 0, "-", 1) || !bytes_insertb(address, 0, before.s, before.len)) return -1;
  return local(address);
}

int route_surely(struct route_table *table, stralloc *address, char const *recipient, size_t len)
{
  int channel = route(table, address, recipient, len);
  bool is_mended = channel == -1 && table->virtualdomains.cdb && read_text(&table->virtualdomains);
  return is_mended ? route(table, address, recipient, len) : channel;
}
