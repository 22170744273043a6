/* What is stored of who proves his password by SCRAM. */

#include "fuzz.h"

#include "scram.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct scram_stored s;
  if (!scram_stored_read(&s, in.s, in.len)) return 0;
  assert(s.rounds >= SCRAM_ROUNDS_LEAST && s.rounds <= SCRAM_ROUNDS_MOST);
  assert(s.salt.len && s.salt.len <= SCRAM_SALT_MAX && s.salt.s > in.s && s.salt.s + s.salt.len < in.s + in.len);
  return 0;
}
