/* Limits of a domain: written again, over the same text or over none, they are read as the same, and what says nothing
   stays. */

#include "bytes.h"
#include "fuzz.h"

#include "vlimits.h"

static void read_same(struct vlimits const *l, stralloc const *text)
{
  struct vlimits again;
  struct vlimits_slip slip;
  assert(vlimits_parse(&again, &slip, text->s, text->len));
  for (size_t i = 0; i < VLIMITS; i++) assert(again.set[i] == l->set[i] && again.value[i] == l->value[i]);
  assert(again.flags == l->flags && again.flags_set == l->flags_set);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc text = STRALLOC_ZERO, second = STRALLOC_ZERO;
  struct part in = whole(data, size);
  struct vlimits l;
  struct vlimits_slip slip;
  if (!vlimits_parse(&l, &slip, in.s, in.len)) {
    assert(slip.line && slip.key && slip.reason);
    return 0;
  }
  text.len = second.len = 0;
  assert(vlimits_format(&text, "", 0, &l));
  read_same(&l, &text);
  text.len = 0;
  assert(vlimits_format(&text, in.s, in.len, &l));
  read_same(&l, &text);
  assert(times(text.s, text.len, "#") >= times(in.s, in.len, "\n#"));
  assert(vlimits_format(&second, text.s, text.len, &l));
  assert(same_bytes(text.s, text.len, second.s, second.len));
  return 0;
}
