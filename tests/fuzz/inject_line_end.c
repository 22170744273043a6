/* A text with whatever line ends, a byte for its pieces: however it is cut the same comes out, and nothing is lost but
   CRs at the end of lines. */

#include "fuzz.h"

#include "line_end.h"
#include "text.h"

static void collect(void *to, char const *s, size_t len)
{
  assert(len);
  text_addb(to, s, len);
}

static void pass(stralloc *to, struct part in, size_t piece)
{
  struct line_end l = { .put = collect, .to = to };
  to->len = 0;
  for (size_t at = 0; at < in.len; at += piece) line_end_put(&l, in.s + at, in.len - at < piece ? in.len - at : piece);
  line_end_finish(&l);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in);
  pass(&one, in, in.len + 1);
  pass(&many, in, piece);
  assert(same_bytes(one.s, one.len, many.s, many.len));
  assert(!one.len || one.s[one.len - 1] == '\n');
  assert(times(one.s, one.len, "\r\n") == 0 && one.len <= in.len + 1);
  assert(one.len + times(in.s, in.len, "\r") >= in.len);
  return 0;
}
