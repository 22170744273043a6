/* Straight columns: as many lines, and no words but those there were. */

#include "fuzz.h"

#include "columnt.h"
#include "words.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc out = STRALLOC_ZERO;
  char const *s = (char const *)data;
  size_t at = 0, was = 0;
  if (size > 1024) return 0;
  out.len = 0;
  columnt(&out, s, size);
  assert(times(out.s, out.len, "\n") == times(s, size, "\n") + (size && s[size - 1] != '\n'));
  for (;;) {
    struct field before = words_next(s, size, &was), after = words_next(out.s, out.len, &at);
    assert(same_bytes(before.s, before.len, after.s, after.len));
    if (!before.len) return 0;
  }
}
