/* A text like /etc/nsswitch.conf. */

#include "fuzz.h"

#include "nsswitch.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct nsswitch_list list = nsswitch_list("passwd", in.s, in.len);
  struct nsswitch_service s, first;
  if (!list.s) return 0;
  assert(list.s > in.s && list.s + list.len <= in.s + in.len && !holds(list.s, list.len, '\n'));
  assert(list.line >= 1 && list.line <= 1 + times(in.s, in.len, "\n"));
  bool before = nsswitch_before_files(&first, &list), seen = false;
  for (size_t at = 0; nsswitch_next(&s, &list, &at);) {
    assert(s.len && s.s >= list.s && s.s + s.len <= list.s + list.len && at <= list.len);
    assert(!holds(s.s, s.len, ' ') && !holds(s.s, s.len, '['));
    seen = seen || (before && s.s == first.s);
  }
  assert(seen == before);
  return 0;
}
