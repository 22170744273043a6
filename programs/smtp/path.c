#include "address.h"
#include "address_utf8.h"
#include "ipme.h"
#include "literal.h"
#include "path.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"

static bool is_mine(ip46 const *ip)
{
  static bool known = false;
  if (!known && !ipme_init()) reply_send_away(&REPLY_NO_OWN_ADDRESSES, "addresses");
  known = true;
  return ipme_is(ip);
}

/* user@[one of our addresses] is user@localiphost. */
static void name_own_literal(stralloc *address)
{
  ip46 ip;
  size_t at = address_at(address->s, address->len);
  if (at == address->len || !policy.local_ip_host.len) return;
  if (!literal_scan(&ip, address->s + at + 1, address->len - at - 1) || !is_mine(&ip)) return;
  address->len = at + 1;
  text_addx(address, &policy.local_ip_host);
}

static bool has_control_bytes(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < ' ' || s[i] == 127) return true;
  return false;
}

/* Control bytes would come to the shells and terminals of those the address is shown to. */
bool path_take(char const *s, size_t len, size_t *rest)
{
  int r = address_from_command(&session.command.address, s, len, rest);
  if (r == -1) reply_no_memory();
  if (!r || has_control_bytes(session.command.address.s, session.command.address.len)) return false;
  session.command.utf8 = address_utf8_take(&session.command.address);
  if (session.command.utf8 == ADDRESS_NO_MEMORY) reply_no_memory();
  name_own_literal(&session.command.address);
  session.command.has_address = true;
  return true;
}

bool path_is_like_an_option(stralloc const *address)
{
  size_t at = address_at(address->s, address->len);
  return !policy.hyphens_allowed && ((address->len && address->s[0] == '-') ||
                                     (at + 1 < address->len && address->s[at + 1] == '-'));
}
