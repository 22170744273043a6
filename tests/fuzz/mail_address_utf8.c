/* Addresses beyond ASCII: what is taken has an ASCII domain that no list can be led astray by, is the same when it is
   taken again, and is said and read back. */

#include "bytes.h"
#include "fuzz.h"

#include "address.h"
#include "address_utf8.h"
#include "utf8.h"

static void domain_is_sound(stralloc const *address)
{
  size_t at = address_at(address->s, address->len);
  char const *domain = address->s + at + 1;
  size_t len = address->len - at - 1;
  assert(len && len <= 253 && domain[0] != '.' && domain[len - 1] != '.');
  for (size_t i = 0; i < len; i++) {
    assert(domain[i] && strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", domain[i]));
    assert(domain[i] != '.' || domain[i - 1] != '.');
  }
}

static void is_taken_again(stralloc *address)
{
  static stralloc before = STRALLOC_ZERO;
  assert(bytes_setx(&before, address));
  enum address_utf8 r = address_utf8_take(address);
  assert(r == ADDRESS_ASCII || r == ADDRESS_UTF8);
  assert(same_bytes(before.s, before.len, address->s, address->len));
}

static void composes(stralloc *address)
{
  size_t at = address_at(address->s, address->len), rest = address->len - at;
  assert(address_utf8_compose(address));
  assert(utf8_is(address->s, address->len) && address->len - address_at(address->s, address->len) == rest);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc address = STRALLOC_ZERO;
  struct part in = whole(data, size);
  assert(bytes_setb(&address, in.s, in.len));
  size_t at = address_at(in.s, in.len);
  bool maps = at < in.len && !utf8_is_ascii(in.s + at, in.len - at);
  enum address_utf8 r = address_utf8_take(&address);
  assert(r != ADDRESS_NO_MEMORY);
  if (r != ADDRESS_UTF8) {
    assert(same_bytes(in.s, in.len, address.s, address.len));
    return 0;
  }
  assert(at == in.len || same_bytes(in.s, at, address.s, at));
  if (maps) domain_is_sound(&address);
  is_taken_again(&address);
  composes(&address);
  return 0;
}
