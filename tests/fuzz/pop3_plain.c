/* The message of SASL PLAIN. */

#include "fuzz.h"

#include "plain.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct credentials c;
  char *copy = malloc(size);
  if (size) memcpy(copy, data, size);
  if (plain_decode(&c, copy, size)) {
    assert(c.login_len && c.password_len && c.login >= copy && c.login + c.login_len < c.password);
    assert(c.password + c.password_len <= copy + size && !holds(c.login, c.login_len, 0));
  }
  free(copy);
  return 0;
}
