/* As whom this host sends: the lines of its files as they stand, what they say of a sender, and that text read, or any other one.
   Before a byte 1 stand domainhelohosts, before the next domainbindings, then outgoingip, then the sender. */

#include "fuzz.h"

#include "sending_identity.h"

static void check(struct sending_identity const *identity, char const *s, size_t len)
{
  assert(identity->helo.len <= SENDING_HELO_MAX && identity->helo.s >= s && identity->helo.s + identity->helo.len <= s + len);
  for (size_t i = 0; i < identity->helo.len; i++) assert(identity->helo.s[i] > ' ' && identity->helo.s[i] < 127);
  assert(!identity->is_bound[SENDING_IP4] || !identity->source[SENDING_IP4].is6);
  assert(!identity->is_bound[SENDING_IP6] || identity->source[SENDING_IP6].is6);
}

static void found(struct part in)
{
  static struct sending_identities all;
  static stralloc text = STRALLOC_ZERO;
  static char sender[1001];
  struct sending_identity identity;
  struct part helohosts = part_before(&in, 1), bindings = part_before(&in, 1), general = part_before(&in, 1);
  size_t len = in.len < sizeof sender - 1 ? in.len : sizeof sender - 1;
  assert(nameset_map(&all.helohosts, helohosts.s, helohosts.len) && nameset_map(&all.bindings, bindings.s, bindings.len));
  all.outgoingip = (stralloc){ .s = (char *)general.s, .len = general.len };
  if (len) memcpy(sender, in.s, len);
  sender[len] = 0;
  assert(sending_identity_find(&text, &all, sender) && text.len <= SENDING_IDENTITY_MAX);
  if (sending_identity_read(&identity, text.s, text.len)) check(&identity, text.s, text.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct sending_identity identity;
  struct part in = whole(data, size);
  if (sending_identity_read(&identity, in.s, in.len)) check(&identity, in.s, in.len);
  found(in);
  return 0;
}
