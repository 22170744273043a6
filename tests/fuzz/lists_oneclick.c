/* A link and a form for somebody who leaves a list, from whoever sends them: nobody without the key makes a link that counts, and an
   address that counts is one. */

#include "fuzz.h"

#include "oneclick.h"
#include "subscribers_records.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), line = part_before(&rest, '\n');
  struct field const first = { line.s, line.len }, second = { rest.s, rest.len };
  struct oneclick o;
  if (oneclick_read(&o, first)) {
    assert(subscribers_is_address((struct field){ o.address.s, o.address.len }));
    assert(!oneclick_is_ours(&o, field_of("a key that is not in any seed"), o.cookie.when));
  }
  stralloc_free(&o.address);
  if (oneclick_is_said(first, second)) assert(second.len >= sizeof "One-Click" - 1);
  return 0;
}
