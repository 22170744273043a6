/* An address of ezmlm-get: whatever it says, the messages that are meant exist, and are not too many. */

#include "fuzz.h"

#include "get_request.h"

static void check(struct get_range range, uint64_t num, uint64_t max)
{
  assert(range.from >= 1 && range.from <= range.to && range.to <= num);
  assert(range.to - range.from < max);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size);
  struct get_state const s = { part_byte(&rest) * 37 + 1, part_byte(&rest) * 11 };
  struct get_request r;
  char format = 0;
  get_request_read(&r, (struct field){ rest.s, rest.len });
  check(get_messages(&r, &s), s.num, GET_MESSAGES_MAX);
  check(get_entries(&r, &s), s.num, GET_ENTRIES_MAX + 1);
  assert(!r.format || get_format_is(r.format));
  if (r.word == GET_DIGEST && get_code_is(r.code, field_of("code"), &format)) assert(!format || get_format_is(format));
  return 0;
}
