/* The envelope of qmail-queue as netstrings: what is whole is netstrings of which none is too long, and none has a NUL. */

#include "fuzz.h"
#include "netstring_length.h"
#include "qmqp_envelope.h"

static size_t check_one(char const *s, size_t len)
{
  struct netstring_length n = { 0 };
  enum netstring_length_said said = NETSTRING_MORE;
  size_t at = 0;
  while (said == NETSTRING_MORE) assert(at < len), said = netstring_length_take(&n, s[at++]);
  assert(said == NETSTRING_KNOWN && n.bytes <= QMQP_ADDRESS_MAX && at + n.bytes < len && s[at + n.bytes] == ',');
  assert(!n.bytes || !memchr(s + at, 0, n.bytes));
  return at + n.bytes + 1;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  stralloc to = STRALLOC_ZERO;
  if (qmqp_envelope_take(&to, (char const *)data, size) == QMQP_ENVELOPE_WHOLE)
    for (size_t at = 0; at < to.len;) at += check_one(to.s + at, to.len - at);
  stralloc_free(&to);
  return 0;
}
