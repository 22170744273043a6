/* Frames in pieces: the first byte says how long the pieces are. What is taken of them is what is there when all has come at once. */

#include "fuzz.h"

#include "frames.h"
#include "netstrings.h"

enum { BOUND = 64, HEAD = 4 };      /* bytes of a frame, and of what may be in front of one that is too long */

static long unpack(void *part, char const *s, size_t len)
{
  return netstrings_unpack(part, 1, s, len, BOUND);
}

/* False: nothing more can come of it. */
static bool take_all(struct frames *f, struct part *rest)
{
  struct field heard, wanted;
  long n;
  while ((n = frames_take(f, &heard)) > 0) {
    assert(netstrings_unpack(&wanted, 1, rest->s, rest->len, BOUND) == n);
    assert(same_bytes(heard.s, heard.len, wanted.s, wanted.len));
    rest->s += n, rest->len -= (size_t)n;
  }
  if (n == 0) assert(f->at == 0 && f->len < BOUND + HEAD && same_bytes(f->bytes, f->len, rest->s, f->len));
  else assert(netstrings_unpack(&wanted, 1, rest->s, rest->len, BOUND) == -1);
  return n == 0;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char space[2 * BOUND];
  struct part in = whole(data, size);
  size_t const step = part_byte(&in) % BOUND + 1;
  struct part rest = in;
  struct frames f = { .unpack = unpack, .bytes = space, .size = sizeof space };
  while (in.len) {
    size_t const n = in.len < step ? in.len : step;
    memcpy(f.bytes + f.len, in.s, n);
    f.len += n;
    in.s += n, in.len -= n;
    if (!take_all(&f, &rest)) break;
  }
  return 0;
}
