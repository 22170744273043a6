/* The answer of an ident server. */

#include "fuzz.h"

#include "ident.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char name[IDENT_MAX];
  size_t len = ident_parse(name, (char const *)data, size);
  assert(len <= sizeof name);
  assert(!holds(name, len, 0) && !holds(name, len, ' ') && !holds(name, len, '\n'));
  return 0;
}
