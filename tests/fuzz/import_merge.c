/* A byte for the kind, a file up to a byte 1, and what comes to it: merged again nothing changes. */

#include "fuzz.h"

#include "merge.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  enum harvest_kind kind = part_byte(&in) % 2 ? HARVEST_LIST : HARVEST_MAP;
  struct part there = part_before(&in, 1);
  struct field comes = { in.s, in.len };
  stralloc once = STRALLOC_ZERO, twice = STRALLOC_ZERO;
  merge(&once, kind, (struct field){ there.s, there.len }, comes);
  assert(once.len <= there.len + in.len + 2);
  bool same = merge(&twice, kind, (struct field){ once.s, once.len }, comes);
  if (kind == HARVEST_LIST) assert(same && same_bytes(once.s, once.len, twice.s, twice.len));
  stralloc_free(&once);
  stralloc_free(&twice);
  return 0;
}
