/* A text like /etc/nsswitch.conf. */

#include "fuzz.h"

#include "nsswitch.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct nsswitch_service s;
  if (!nsswitch_before_files(&s, "passwd", in.s, in.len)) return 0;
  assert(s.len && s.name > in.s && s.name + s.len < in.s + in.len);
  assert(s.line >= 1 && s.line <= 1 + times(in.s, in.len, "\n"));
  assert(!holds(s.name, s.len, ' ') && !holds(s.name, s.len, '\n') && s.name[0] != '[');
  return 0;
}
