#include <string.h>

#include "address.h"
#include "bytes.h"
#include "literal.h"
#include "sending_identity.h"

/* ---- what the files say ---- */

/* Empty when they say nothing. */
static struct field line_of(struct nameset const *set, char const *sender)
{
  struct field value = { "", 0 };
  size_t len = strlen(sender), at = address_at(sender, len);
  int found = len ? 0 : nameset_find(set, "<>", 2, &value);
  if (at < len) found = nameset_find_domain(set, sender + at + 1, len - at - 1, &value);
  if (!found) nameset_find(set, "", 0, &value);
  return value;
}

static int add_field(stralloc *to, struct field f)
{
  return bytes_addb(to, f.s, f.len);
}

/* One that is too long makes no sense, and its reader says so. */
int sending_identity_find(stralloc *text, struct sending_identities const *all, char const *sender)
{
  struct field const helo = line_of(&all->helohosts, sender), bound = line_of(&all->bindings, sender);
  text->len = 0;
  if (!helo.len && !bound.len && !all->outgoingip.len) return bytes_z(text);
  if (helo.len + bound.len + all->outgoingip.len + 2 > SENDING_IDENTITY_MAX) return bytes_set(text, "\n?") && bytes_z(text);
  return add_field(text, helo) && bytes_addc(text, '\n') && add_field(text, bound) && bytes_addc(text, ' ')
      && bytes_addx(text, &all->outgoingip) && bytes_z(text);
}

void sending_identities_free(struct sending_identities *all)
{
  nameset_free(&all->helohosts);
  nameset_free(&all->bindings);
  stralloc_free(&all->outgoingip);
}

/* ---- the text ---- */

static bool is_between(char c)
{
  return c == ' ' || c == '\t' || c == ',';
}

static bool is_sayable(struct field name)
{
  for (size_t i = 0; i < name.len; i++)
    if ((unsigned char)name.s[i] <= ' ' || (unsigned char)name.s[i] > '~') return false;
  return name.len <= SENDING_HELO_MAX;
}

static bool is_any(ip46 const *ip)
{
  static char const zeros[16];
  return !memcmp(ip->ip, zeros, ip->is6 ? 16 : 4);
}

bool sending_sources_read(struct sending_identity *identity, char const *s, size_t len)
{
  bool has[SENDING_FAMILIES] = { false, false };
  identity->is_bound[SENDING_IP4] = identity->is_bound[SENDING_IP6] = false;
  for (size_t i = 0, end; i < len; i = end) {
    ip46 ip;
    for (end = i; end < len && !is_between(s[end]);) end++;
    if (end == i) {
      end++;
      continue;
    }
    if (!literal_number(&ip, s + i, end - i)) return false;
    int family = ip.is6 ? SENDING_IP6 : SENDING_IP4;
    if (has[family]) continue;
    has[family] = true;
    identity->source[family] = ip;
    identity->is_bound[family] = !is_any(&ip);
  }
  return true;
}

bool sending_identity_read(struct sending_identity *identity, char const *s, size_t len)
{
  char const *newline = len ? memchr(s, '\n', len) : 0;
  size_t helo = newline ? (size_t)(newline - s) : len;
  identity->helo = (struct field){ s, helo };
  if (!is_sayable(identity->helo)) return false;
  return newline ? sending_sources_read(identity, newline + 1, len - helo - 1) : sending_sources_read(identity, "", 0);
}
