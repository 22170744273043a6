#include <string.h>

#include "address.h"
#include "bytes.h"
#include "control.h"
#include "nameset.h"
#include "own_sender.h"
#include "people.h"
#include "route.h"
#include "users.h"
#include "vname.h"

static bool same(struct field a, struct field b)
{
  return a.len == b.len && nameset_same(a.s, b.s, a.len);
}

/* ---- control/senders ---- */

/* From its last @ on; empty without one. */
static struct field domain_of(struct field a)
{
  size_t at = address_at(a.s, a.len);
  return (struct field){ a.s + at, a.len - at };
}

static bool speaks_of(struct field pattern, struct field name)
{
  if (pattern.len == 1 && *pattern.s == '*') return true;
  if (pattern.len && *pattern.s == '@') return same(pattern, domain_of(name));
  return same(pattern, name);
}

bool own_sender_is_allowed(char const *lines, size_t len, struct field login, struct field address)
{
  struct nameset_line line;
  size_t at = 0;
  while (nameset_line_next(&line, lines, len, &at, true))
    if (speaks_of((struct field){ line.name, line.name_len }, login)
        && speaks_of((struct field){ line.value, line.value_len }, address)) return true;
  return false;
}

static enum own_sender allowed(struct field login, struct field address)
{
  static stralloc lines = STRALLOC_ZERO;
  lines.len = 0;
  if (control_slurp(&lines, "senders") == -1) return SENDER_UNKNOWN;
  return own_sender_is_allowed(lines.s, lines.len, login, address) ? SENDER_OWN : SENDER_OF_ANOTHER;
}

/* ---- a user of a virtual domain: his name, in the domain by any of its names ---- */

static enum own_sender of_virtual(struct field login, struct field address)
{
  static stralloc user = STRALLOC_ZERO, prefix = STRALLOC_ZERO;
  static struct user found = USER_ZERO;
  struct field const of_login = domain_of(login), of_address = domain_of(address);
  struct field const name = { login.s, login.len - of_login.len };
  if (!vname_split(&user, &prefix, address.s, address.len) || !bytes_addc(&prefix, '-')) return SENDER_UNKNOWN;
  if (!of_address.len || !same(name, (struct field){ address.s, address.len - of_address.len })) return SENDER_OF_ANOTHER;
  switch (users_find_prefix(&found, prefix.s, prefix.len)) {
    case USERS_FOUND: break;
    case USERS_NOBODY: return SENDER_OF_ANOTHER;
    default: return SENDER_UNKNOWN;
  }
  return same((struct field){ found.name.s, found.name.len }, (struct field){ of_login.s + 1, of_login.len - 1 }) ? SENDER_OWN : SENDER_OF_ANOTHER;
}

/* ---- an account ---- */

/* What virtualdomains puts in front of a domain's addresses: joe, or joe-shop, unless that is somebody himself. */
static bool is_prefix_of(char const *prefix, struct field login)
{
  if (strlen(prefix) < login.len || !nameset_same(prefix, login.s, login.len)) return false;
  return !prefix[login.len] || (prefix[login.len] == '-' && !people_in_file("/etc/passwd", prefix));
}

static enum own_sender of_box(struct field login, stralloc const *box)
{
  static struct user found = USER_ZERO;
  switch (users_find(&found, box->s, box->len)) {
    case USERS_FOUND: return same((struct field){ found.name.s, found.name.len }, login) ? SENDER_OWN : SENDER_OF_ANOTHER;
    case USERS_NOBODY: return same((struct field){ box->s, box->len }, login) ? SENDER_OWN : SENDER_OF_ANOTHER;
    default: return SENDER_UNKNOWN;
  }
}

static enum own_sender of_account(struct field login, struct field address)
{
  static struct route_table routes;
  static bool known = false;
  static stralloc box = STRALLOC_ZERO;
  char const *culprit;
  if (!known && !route_load_text(&routes, &culprit)) return SENDER_UNKNOWN;
  known = true;
  int channel = route(&routes, &box, address.s, address.len);
  if (channel != CHANNEL_LOCAL) return channel == CHANNEL_REMOTE ? SENDER_OF_ANOTHER : SENDER_UNKNOWN;
  size_t prefix = route_prefix(&routes, box.s, box.len);
  box.len = prefix ? prefix - 1 : address_at(box.s, box.len);
  if (!bytes_z(&box)) return SENDER_UNKNOWN;
  if (prefix) return is_prefix_of(box.s, login) ? SENDER_OWN : SENDER_OF_ANOTHER;
  return of_box(login, &box);
}

/* ---- either ---- */

enum own_sender own_sender(struct field login, struct field address)
{
  enum own_sender said = domain_of(login).len ? of_virtual(login, address) : of_account(login, address);
  return said == SENDER_OF_ANOTHER ? allowed(login, address) : said;
}
