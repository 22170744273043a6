/* What a password checker reads on descriptor 3; written again it is read the same. */

#include "fuzz.h"

#include "credentials.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct credentials c, again;
  char bytes[CREDENTIALS_PROOF_MAX];
  if (!credentials_unpack(&c, in.s, in.len)) return 0;
  assert(strlen(c.login) == c.login_len && strlen(c.password) == c.password_len);
  size_t n = credentials_pack(bytes, &c, "now");
  assert(n <= CREDENTIALS_MAX);
  if (n) assert(credentials_fit(bytes, n));
  n = credentials_pack_proof(bytes, &c);
  assert(n <= sizeof bytes);
  if (!n) return 0;
  assert(credentials_unpack(&again, bytes, n));
  assert(!strcmp(again.login, c.login) && !strcmp(again.password, c.password));
  return 0;
}
