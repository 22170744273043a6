#include "netstring_length.h"

enum netstring_length_said netstring_length_take(struct netstring_length *n, char c)
{
  if (c == ':') return n->digits ? NETSTRING_KNOWN : NETSTRING_BROKEN;
  if (c < '0' || c > '9' || n->digits == NETSTRING_DIGITS_MAX) return NETSTRING_BROKEN;
  n->digits++;
  uint64_t bytes = 10 * (uint64_t)n->bytes + (uint64_t)(c - '0');
  if (bytes > NETSTRING_LENGTH_MAX) return NETSTRING_TOO_LONG;
  n->bytes = (uint32_t)bytes;
  return NETSTRING_MORE;
}
