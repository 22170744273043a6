/* A message in 7 bits: a byte for the pieces it is read in, the message. However it is cut the same comes out, without 8-bit
   bytes, with as many parts, and nothing in it that would be changed a second time. */

#include "fuzz.h"

#include "bytes.h"
#include "remote_seven.h"

static struct seven s;

static void run(stralloc *to, struct part in, size_t piece)
{
  to->len = 0;
  for (size_t i = 0, n; i < in.len; i += n) {
    n = in.len - i < piece ? in.len - i : piece;
    assert(seven_text(&s, to, in.s + i, n));
  }
  assert(seven_end(&s, to));
}

/* False when it cannot be done. */
static bool convert(stralloc *to, struct part in, size_t piece)
{
  seven_learn(&s);
  run(to, in, piece);
  assert(!to->len);
  if (s.problem) return false;
  seven_write(&s);
  run(to, in, piece);
  return true;
}

static bool has_eight_bits(stralloc const *text)
{
  for (size_t i = 0; i < text->len; i++)
    if (text->s[i] & 128) return true;
  return false;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO, again = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t piece = part_byte(&in) + 1;
  bool done = convert(&one, in, in.len + 1);
  size_t leaves = s.leaf, depth = s.depth;
  assert(convert(&many, in, piece) == done);
  if (!done) return 0;
  assert(same_bytes(one.s, one.len, many.s, many.len));
  assert(!has_eight_bits(&one) && !holds(one.s, one.len, '\r'));
  assert(convert(&again, (struct part){ one.s, one.len }, one.len + 1));
  assert(same_bytes(one.s, one.len, again.s, again.len) && s.leaf == leaves && s.depth == depth);
  return 0;
}
