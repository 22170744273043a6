#include <stdbool.h>
#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "envelope_extra.h"
#include "qmqp_envelope.h"

static int add(stralloc *to, char const *s, size_t len)
{
  char digits[SIZE_FMT];
  return bytes_addb(to, digits, size_fmt(digits, len)) && bytes_addc(to, ':') && bytes_addb(to, s, len) && bytes_addc(to, ',');
}

static enum qmqp_envelope take_address(stralloc *to, char const *s, size_t len)
{
  if (len > QMQP_ADDRESS_MAX) return QMQP_ENVELOPE_TOO_LONG;
  return add(to, s, len) ? QMQP_ENVELOPE_WHOLE : QMQP_ENVELOPE_NO_MEMORY;
}

/* The text behind a letter; null when no NUL ends it. */
static char const *end_of(char const *s, char const *end)
{
  return s < end ? memchr(s, 0, (size_t)(end - s)) : 0;
}

enum qmqp_envelope qmqp_envelope_take(stralloc *netstrings, char const *s, size_t len)
{
  char const *const end = s + len;
  bool has_sender = false, has_recipient = false;
  for (char const *nul; s < end; s = nul + 1) {
    char letter = *s++;
    if (!letter && has_sender) return QMQP_ENVELOPE_WHOLE;
    bool is_address = letter == (has_sender ? 'T' : 'F');
    if (!is_address && !(has_sender && extra_is_known(letter, has_recipient))) return QMQP_ENVELOPE_MALFORMED;
    if (!(nul = end_of(s, end))) return QMQP_ENVELOPE_SHORT;
    enum qmqp_envelope r = is_address ? take_address(netstrings, s, (size_t)(nul - s)) : QMQP_ENVELOPE_WHOLE;
    if (r != QMQP_ENVELOPE_WHOLE) return r;
    has_recipient = has_recipient || letter == 'T';
    has_sender = true;
  }
  return QMQP_ENVELOPE_SHORT;
}
