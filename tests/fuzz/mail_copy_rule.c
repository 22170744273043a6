/* A line of control/queueextra, a byte 1, and an address. */

#include "fuzz.h"

#include "copy_rule.h"

static bool lies_in(struct field f, struct part line)
{
  return f.s >= line.s && f.s + f.len <= line.s + line.len;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), line = part_before(&in, 1);
  struct copy_rule r = copy_rule_read(line.s, line.len);
  assert(lies_in(r.whom, line) && lies_in(r.address, line));
  assert(r.direction == COPY_ALL ? r.address.len == line.len : r.address.len + r.whom.len + 4 <= line.len);
  bool taken = copy_rule_takes(&r, in.s, in.len);
  assert(taken || r.whom.len);
  return 0;
}
