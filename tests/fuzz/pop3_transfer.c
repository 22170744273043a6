/* A message on its way to a POP3 client: pieces, number of lines, the message. One lone dot ends it; the
   client finds in it what the file holds. */

#include "bytes.h"
#include "fuzz.h"

#include <skalibs/stralloc.h>

#include "transfer.h"

static stralloc *wire;

static void put(char const *s, size_t len)
{
  assert(bytes_addb(wire, s, len));
}

static void send(stralloc *to, struct part in, size_t piece, bool all, unsigned lines)
{
  struct transfer t = { .put = put, .whole = all, .lines_left = lines };
  wire = to;
  to->len = 0;
  for (size_t i = 0; i < in.len; i += piece)
    if (!transfer_piece(&t, in.s + i, in.len - i < piece ? in.len - i : piece)) break;
  transfer_end(&t);
}

/* Each line of the file is a line on the wire, its dots doubled, without CRs at its end. */
static void check(struct part in, struct part out)
{
  while (in.len) {
    struct part was = part_before(&in, '\n'), is = part_before(&out, '\n');
    while (was.len && was.s[was.len - 1] == '\r') was.len--;
    if (was.len && *was.s == '.') is.s++, is.len--;
    assert(is.len && is.s[is.len - 1] == '\r' && same_bytes(was.s, was.len, is.s, is.len - 1));
  }
  assert(same_bytes(out.s, out.len, ".\r\n", 3));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in);
  unsigned lines = part_byte(&in);
  send(&one, in, in.len + 1, true, 0);
  check(in, (struct part){ one.s, one.len });
  send(&many, in, piece, true, 0);
  assert(same_bytes(one.s, one.len, many.s, many.len));
  send(&one, in, in.len + 1, false, lines);
  send(&many, in, piece, false, lines);
  assert(same_bytes(one.s, one.len, many.s, many.len));
  return 0;
}
