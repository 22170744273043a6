/* What a module of Courier's logins is told: the four lines that are read stand there, one behind the other. */

#include "fuzz.h"

#include "module_claim.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct module_claim c;
  if (!module_claim_parse(&c, in.s, in.len)) return 0;
  struct field const lines[] = { c.service, c.type, c.user, c.password };
  char const *at = in.s;
  for (size_t i = 0; i < 4; i++) {
    assert(lines[i].s == at && !holds(at, lines[i].len, '\n') && !holds(at, lines[i].len, 0));
    at += lines[i].len + 1;
    assert(at <= in.s + in.len && at[-1] == '\n');
  }
  return 0;
}
