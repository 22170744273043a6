/* A file of deferrals: whatever is in it, what is found lies inside, and a line that was read is written the same. */

#include "bytes.h"
#include "fuzz.h"

#include "deferral.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  stralloc file = STRALLOC_ZERO;
  struct deferral d, again;
  struct part in = whole(data, size);
  if (deferral_unpack(&d, in.s, in.len)) assert(d.host_len && d.text + d.text_len == in.s + in.len);
  assert(bytes_addb(&file, in.s, in.len) && bytes_end(&file));
  file.len--;
  if (deferral_find(&d, &file, 7, 10)) {
    stralloc line = STRALLOC_ZERO;
    assert(d.text + d.text_len < file.s + file.len);
    assert(deferral_pack(&line, &d) && deferral_find(&again, &line, 7, 10) && again.when == d.when);
    stralloc_free(&line);
  }
  stralloc_free(&file);
  return 0;
}
