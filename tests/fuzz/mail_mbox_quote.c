/* A message on its way into an mbox: a byte for the pieces, the message. No line of it begins with "From ",
   and taking one '>' off each ">From " gives it back. */

#include "bytes.h"
#include "fuzz.h"

#include <skalibs/stralloc.h>

#include "mbox_quote.h"

static void put(void *to, char const *s, size_t len)
{
  assert(bytes_addb(to, s, len));
}

static void quote(stralloc *to, struct part in, size_t piece)
{
  struct mbox_quote q = { .at = MBOX_LINE_START, .put = put, .to = to };
  to->len = 0;
  for (size_t i = 0; i < in.len; i += piece)
    mbox_quote_feed(&q, in.s + i, in.len - i < piece ? in.len - i : piece);
  mbox_quote_end(&q);
}

static size_t arrows(struct part line)
{
  size_t n = 0;
  while (n < line.len && line.s[n] == '>') n++;
  return n;
}

static bool is_from(struct part line)
{
  size_t n = arrows(line);
  return line.len - n >= 5 && !memcmp(line.s + n, "From ", 5);
}

static void check(struct part in, struct part out)
{
  while (in.len) {
    struct part was = part_before(&in, '\n'), is = part_before(&out, '\n');
    assert(is_from(was) == is_from(is));
    if (is_from(was)) assert(is.len && *is.s == '>' && same_bytes(was.s, was.len, is.s + 1, is.len - 1));
    else assert(same_bytes(was.s, was.len, is.s, is.len));
  }
  assert(!out.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in) % 16;
  quote(&one, in, in.len + 1);
  quote(&many, in, piece);
  assert(same_bytes(one.s, one.len, many.s, many.len));
  check(in, (struct part){ one.s, one.len });
  return 0;
}
