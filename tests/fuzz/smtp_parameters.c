/* The words behind an address. */

#include "fuzz.h"

#include "parameters.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct mail_parameters p;
  enum parameters_result r = parameters_of_mail(&p, in.s, in.len);
  if (r == PARAMETERS_OK) assert(p.size == 0 || in.len > 5);
  parameters_of_rcpt(in.s, in.len);
  return 0;
}
