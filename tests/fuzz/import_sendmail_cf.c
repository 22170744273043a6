/* sendmail.cf: what is found lies in the text. */

#include "fuzz.h"

#include "sendmail_cf.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char const *s = (char const *)data;
  struct sendmail_cf cf = { .in = { s, size } };
  while (sendmail_cf_next(&cf)) {
    assert(cf.name.len && cf.name.s >= s && cf.name.s + cf.name.len <= s + size);
    assert(!cf.value.len || (cf.value.s >= s && cf.value.s + cf.value.len <= s + size));
    assert(strchr("DCFKO", cf.kind) && !holds(cf.value.s, cf.value.len, '\n'));
  }
  return 0;
}
