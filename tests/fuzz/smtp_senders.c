/* control/senders, a NUL, a login, a NUL, an address: no line, no leave; a line of both always is one. */

#include "fuzz.h"

#include "own_sender.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), lines = part_before(&rest, 0), name = part_before(&rest, 0);
  struct field const login = { name.s, name.len }, address = { rest.s, rest.len };
  bool may = own_sender_is_allowed(lines.s, lines.len, login, address);
  if (may) assert(times(lines.s, lines.len, ":"));
  return 0;
}
