/* A message whose header is not ASCII, for a client that has not said UTF8: a byte for the pieces, the message. However the bytes
   are cut the surrogate is the same; of what is UTF-8 its header is ASCII; the body, and a message in ASCII, is what it was. */

#include "fuzz.h"

#include "surrogate.h"
#include "text.h"
#include "utf8.h"

/* How many bytes of the text were header. */
static size_t show(stralloc *to, struct part in, size_t piece)
{
  struct surrogate g = { .field = STRALLOC_ZERO };
  size_t at = 0, n;
  text_set(to, "");
  do {
    n = in.len - at < piece ? in.len - at : piece;
    size_t const taken = surrogate_take(&g, to, in.s + at, n);
    assert(taken == n || g.is_over);
    at += taken;
  } while (n && !g.is_over);
  surrogate_end(&g, to);
  return at;
}

static bool begins(stralloc const *s, char const *with)
{
  return s->len >= strlen(with) && !memcmp(s->s, with, strlen(with));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO, again = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t const piece = 1 + part_byte(&in);
  size_t const header = show(&one, in, in.len + 1);
  assert(show(&many, in, piece) == header || !in.len);
  assert(same_bytes(one.s, one.len, many.s, many.len));
  if (utf8_is_ascii(in.s, header)) assert(same_bytes(one.s, one.len, in.s, header));
  if (in.len && !surrogate_is_needed(in.s, in.len)) assert(same_bytes(one.s, one.len, in.s, header));
  if (begins(&one, "From ") || begins(&one, ">From ")) return 0;      /* what was no first line, and is one now */
  show(&again, (struct part){ one.s, one.len }, piece);
  assert(same_bytes(one.s, one.len, again.s, again.len));
  return 0;
}
