#include "sasl_internal.h"

enum sasl_said sasl_challenge(struct sasl *s, char const *text, size_t len)
{
  if (len > SASL_SAID_MAX) return SASL_REFUSED;
  s->challenge[base64_encode(s->challenge, text, len)] = 0;
  return SASL_CHALLENGE;
}
