/* What is shown of a message: pieces of it; and whether a number is in a sequence of the same text: as the lists say. */

#include "fuzz.h"

#include "message_glance.h"
#include "mh_sequences.h"

static void is_inside(struct field f, struct part in)
{
  assert(!f.len || (f.s >= in.s && f.s + f.len <= in.s + in.len));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct glance g;
  glance_take(&g, (struct field){ in.s, in.len });
  is_inside(g.sender, in);
  is_inside(g.recipient, in);
  is_inside(g.from, in);
  is_inside(g.subject, in);
  is_inside(g.body, in);
  assert(!holds(g.from.s, g.from.len, '\n'));
  bool has = mh_sequence_has(in.s, in.len, "unseen", 3);
  assert(!has || times(in.s, in.len, "unseen:"));
  return 0;
}
