/* A message on its way: a byte for the pieces it arrives in, the text. However it is cut, its header ends at the same
   place, before the first empty line, and the same fields were seen. */

#include "fuzz.h"

#include "header.h"

static size_t pass(struct header *h, struct part in, size_t piece)
{
  size_t in_header = 0;
  *h = (struct header){ 0 };
  for (size_t at = 0; at < in.len && !h->over; at += piece) {
    size_t n = in.len - at < piece ? in.len - at : piece, taken = header_take(h, in.s + at, n);
    assert(taken <= n && (taken == n || h->over));
    in_header += taken;
  }
  return in_header;
}

static size_t empty_line(struct part in)
{
  for (size_t i = 0; i < in.len; i++)
    if (in.s[i] == '\n' && (!i || in.s[i - 1] == '\n')) return i;
  return in.len;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct header one, many;
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in);
  size_t end = pass(&one, in, in.len + 1);
  assert(end == empty_line(in) && one.over == (end < in.len));
  assert(pass(&many, in, piece) == end && many.over == one.over);
  assert(many.has_date == one.has_date && many.has_id == one.has_id && many.is_none == one.is_none);
  if (one.has_date) assert(times(in.s, in.len, ":") > 0);
  return 0;
}
