/* What a helper is asked about users, and what it says. What was understood is packed into the same bytes, and no beginning of it is
   taken for the whole. */

#include "fuzz.h"

#include "store_wire.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char again[STORE_FRAME_MAX];
  struct part in = whole(data, size);
  struct store_frame f, other;
  long n = store_frame_unpack(&f, in.s, in.len);
  if (n <= 0) return 0;
  assert((size_t)n <= in.len && n <= STORE_FRAME_MAX);
  assert(same_bytes(again, store_frame_pack(again, &f), in.s, (size_t)n));
  assert(store_frame_unpack(&other, in.s, (size_t)n - 1) == 0);
  return 0;
}
