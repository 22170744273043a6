/* What stands behind the colon in lines of destinations: a number, a rate, or a schedule. */

#include "fuzz.h"

#include "destination_line.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct destination_rate rate;
  unsigned number;
  if (destination_number_read(&number, in.s, in.len)) assert(in.len && number <= DESTINATION_NUMBER_MAX && !holds(in.s, in.len, '/'));
  struct destination_schedule s = { 1, 2, 3 };
  if (destination_schedule_read(&s, in.s, in.len))
    assert(s.lifetime <= DESTINATION_LIFETIME_MAX && s.first >= 1 && s.first <= DESTINATION_FIRST_MAX && s.longest >= 1
           && s.longest <= DESTINATION_LIFETIME_MAX);
  else assert(s.lifetime == 1 && s.first == 2 && s.longest == 3);
  if (!destination_rate_read(&rate, in.s, in.len)) return 0;
  assert(rate.messages <= DESTINATION_NUMBER_MAX && rate.seconds >= 1 && rate.seconds <= DESTINATION_SECONDS_MAX);
  assert(!destination_rate_is_stricter(rate, rate));
  return 0;
}
