/* The rules of a virtual domain's delivery: a line that is complained of is there, and no number is out of bounds. */

#include "fuzz.h"

#include "vrules.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct vrules rules = VRULES_ZERO;
  size_t lines = 1, wrong = vrules_parse(&rules, in.s, in.len);
  for (size_t i = 0; i < in.len; i++) lines += in.s[i] == '\n';
  assert(wrong <= lines);
  assert(rules.overquota <= VRULES_OVERQUOTA_MAX);
  return 0;
}
