/* json: whatever comes in, one string with both its quotes and nothing in it that would end it or is no JSON. */

#include <assert.h>
#include <stdint.h>

#include "fuzz.h"
#include "json.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc out = STRALLOC_ZERO;
  out.len = 0;
  assert(json_text(&out, (char const *)data, size));
  assert(out.len >= 2 && out.s[0] == '"' && out.s[out.len - 1] == '"');
  for (size_t i = 1; i + 1 < out.len; i++) assert((unsigned char)out.s[i] >= 32 && out.s[i] != '"');
  return 0;
}
