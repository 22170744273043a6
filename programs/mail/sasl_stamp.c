#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <sys/random.h>

#include "sasl_stamp.h"

bool sasl_stamp(char to[SASL_STAMP_MAX + 1], char const *host)
{
  uint64_t unique;
  *to = 0;
  if (getrandom(&unique, sizeof unique, 0) != sizeof unique) return false;
  int n = snprintf(to, SASL_STAMP_MAX + 1, "<%020" PRIu64 ".%" PRIu64 "@%s>", unique, (uint64_t)time(0), host);
  if (n > 0 && n <= SASL_STAMP_MAX) return true;
  *to = 0;
  return false;
}
