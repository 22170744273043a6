#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "bytes.h"
#include "date.h"
#include "message_id.h"

/* Second and process number alone meet again in another container or after a reboot. */
int message_id(stralloc *to, char const *host, size_t host_len, time_t when)
{
  uint64_t random;
  char text[64];
  if (getrandom(&random, sizeof random, 0) != sizeof random) return 0;
  snprintf(text, sizeof text, ".%ld.%016llx.qmail@", (long)getpid(), (unsigned long long)random);
  return bytes_addc(to, '<') && date_digits(to, when) && bytes_add(to, text) && bytes_addb(to, host, host_len) &&
         bytes_addc(to, '>');
}
