/* Arguments of MAIL and RCPT; the address they hold, quoted and read back, is the same, and nothing of a parameter
   behind it becomes the address. */

#include "bytes.h"
#include "fuzz.h"

#include "address.h"

/* A domain is never quoted: with one of these in it nobody can tell where the address ends. */
static bool quotable(stralloc const *address)
{
  size_t at = address_at(address->s, address->len);
  for (size_t i = at; i < address->len; i++)
    if (strchr("\"\\<>", address->s[i])) return false;
  return true;
}

static void read_back(stralloc const *address)
{
  static stralloc quoted = STRALLOC_ZERO, again = STRALLOC_ZERO;
  size_t rest;
  assert(bytes_set(&quoted, "<") && address_quote(&quoted, address->s, address->len));
  assert(bytes_addc(&quoted, '>'));
  assert(address_from_command(&again, quoted.s, quoted.len, &rest) == 1);
  assert(rest == quoted.len);
  assert(same_bytes(again.s, again.len, address->s, address->len));
}

static void stands_before_parameters(stralloc const *address, struct part in)
{
  static stralloc longer = STRALLOC_ZERO, again = STRALLOC_ZERO;
  size_t rest;
  if (in.len && in.s[in.len - 1] == '\\') return;
  assert(bytes_setb(&longer, in.s, in.len) && bytes_add(&longer, " X=<:c@d>"));
  int r = address_from_command(&again, longer.s, longer.len, &rest);
  assert(r == 0 || (r == 1 && same_bytes(again.s, again.len, address->s, address->len)));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc address = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t rest;
  int r = address_from_command(&address, in.s, in.len, &rest);
  assert(r != -1);
  if (r == 0) return 0;
  assert(rest <= in.len && address.len <= ADDRESS_MAX);
  stands_before_parameters(&address, in);
  if (quotable(&address)) read_back(&address);
  return 0;
}
