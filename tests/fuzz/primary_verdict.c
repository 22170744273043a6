/* A reply to RCPT: what is refused for ever and about the address is no more than 550, 551 and 553; and the name that was asked about. */

#include "fuzz.h"

#include "primary_verdict.h"

static unsigned code_of(struct part in)
{
  unsigned n = 0;
  for (size_t i = 0; i < in.len && i < 3 && in.s[i] >= '0' && in.s[i] <= '9'; i++) n = n * 10 + (unsigned)(in.s[i] - '0');
  return n;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  unsigned code = code_of(in);
  enum primary_said said = primary_verdict(code, (struct field){ in.s, in.len });
  assert((said == PRIMARY_KNOWN) == (code / 100 == 2));
  assert(said != PRIMARY_NOBODY || code == 550 || code == 551 || code == 553);
  if (primary_is_name((struct field){ in.s, in.len })) {
    assert(in.len <= PRIMARY_ADDRESS_MAX && memchr(in.s, '@', in.len));
    for (size_t i = 0; i < in.len; i++) assert(in.s[i] >= ' ' && in.s[i] <= '~');
  }
  return 0;
}
