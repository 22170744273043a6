/* Requests to qmail-clean: what is understood is written as the same bytes. */

#include "fuzz.h"

#include "clean.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc again = STRALLOC_ZERO;
  struct part in = whole(data, size);
  struct clean_request r = { 0 };
  if (!clean_unpack(&r, in.s, in.len)) return 0;
  again.len = 0;
  clean_pack(&again, &r);
  assert(again.len <= CLEAN_REQUEST_MAX);
  assert(same_bytes(again.s, again.len - 1, in.s, in.len));
  return 0;
}
