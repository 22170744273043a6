/* What stands behind the colon in lines of destinations: a number, or a rate. */

#include "fuzz.h"

#include "destination_line.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct destination_rate rate;
  unsigned number;
  if (destination_number_read(&number, in.s, in.len)) assert(in.len && number <= DESTINATION_NUMBER_MAX && !holds(in.s, in.len, '/'));
  if (!destination_rate_read(&rate, in.s, in.len)) return 0;
  assert(rate.messages <= DESTINATION_NUMBER_MAX && rate.seconds >= 1 && rate.seconds <= DESTINATION_SECONDS_MAX);
  assert(!destination_rate_is_stricter(rate, rate));
  return 0;
}
