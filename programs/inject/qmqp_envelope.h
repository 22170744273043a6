/* qmqp_envelope: the envelope as qmail-queue takes it on descriptor 1, made into the netstrings that QMQP wants: sender, recipients.
   What belongs to them beyond their addresses (envelope_extra.h) has no place there. Pure. */

#ifndef MAILTREE_INJECT_QMQP_ENVELOPE_H
#define MAILTREE_INJECT_QMQP_ENVELOPE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum qmqp_envelope {
  QMQP_ENVELOPE_WHOLE,
  QMQP_ENVELOPE_SHORT,        /* it ends before its end: nobody shall have the message */
  QMQP_ENVELOPE_MALFORMED,
  QMQP_ENVELOPE_TOO_LONG,     /* an address of more than QMQP_ADDRESS_MAX bytes */
  QMQP_ENVELOPE_NO_MEMORY
};

enum { QMQP_ADDRESS_MAX = 999 };

enum qmqp_envelope qmqp_envelope_take(stralloc *netstrings, char const *s, size_t len);

#endif
