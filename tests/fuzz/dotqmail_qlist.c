/* A list, below an address and a NUL: who is put on it is on it and can be taken off again, and nobody else's line is touched. */

#include "fuzz.h"

#include "instructions.h"
#include "qlist_text.h"

static bool forwards_to(struct field file, struct field address)
{
  struct instruction in;
  for (size_t at = 0; instruction_next(&in, file.s, file.len, &at);)
    if (in.kind == INSTRUCTION_FORWARD && in.len == address.len && !strncasecmp(in.text, address.s, in.len)) return true;
  return false;
}

static bool begins(stralloc const *s, struct field with)
{
  return s->len >= with.len && (!with.len || !memcmp(s->s, with.s, with.len));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc with = STRALLOC_ZERO, without = STRALLOC_ZERO;
  struct part in = whole(data, size), part = part_before(&in, 0);
  struct field const file = { in.s, in.len }, address = { part.s, part.len };
  with.len = without.len = 0;
  qlist_wish(file, address);
  if (!qlist_is_fit(address)) return 0;
  assert(address.len <= QLIST_ADDRESS_MAX && !memchr(address.s, '\n', address.len) && !memchr(address.s, 0, address.len));
  bool is_new = qlist_edit(&with, file, address, true);
  if (!is_new) return 0;
  struct field const now = { with.s, with.len };
  assert(forwards_to(now, address) && with.len <= file.len + address.len + 3 && begins(&with, file));
  assert(!qlist_edit(&without, now, address, true) && !without.len);
  assert(qlist_edit(&without, now, address, false) && begins(&without, file) && without.len - file.len <= 1);
  return 0;
}
