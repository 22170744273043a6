/* What a helper is asked about subscribers, and what it says. What was understood is packed into the same bytes, and no beginning of it
   is taken for the whole. */

#include "fuzz.h"

#include "table_wire.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char again[TABLE_FRAME_MAX];
  struct part in = whole(data, size);
  struct table_frame f, other;
  long n = table_frame_unpack(&f, in.s, in.len);
  if (n <= 0) return 0;
  assert((size_t)n <= in.len && n <= TABLE_FRAME_MAX);
  assert(same_bytes(again, table_frame_pack(again, &f), in.s, (size_t)n));
  assert(table_frame_unpack(&other, in.s, (size_t)n - 1) == 0);
  return 0;
}
