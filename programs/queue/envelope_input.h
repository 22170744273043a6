/* envelope_input: the envelope as injectors hand it to qmail-queue on descriptor 1:

     F sender NUL, any number of T recipient NUL, NUL

   Behind the sender, and behind each recipient, there may be what belongs to the message or to him, each a letter, a value
   and a NUL: envelope_extra.h.

   Read piece by piece; nothing is held but the text in work. */

#ifndef MAILTREE_ENVELOPE_INPUT_H
#define MAILTREE_ENVELOPE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "queue_message.h"

enum envelope_event {
  ENVELOPE_MORE,          /* all bytes taken, the envelope is not complete */
  ENVELOPE_SENDER,        /* address[0] to address[len - 1] is the sender */
  ENVELOPE_RECIPIENT,     /* or a recipient */
  ENVELOPE_EXTRA,         /* or what belongs to the sender's message or to the recipient before, with its letter */
  ENVELOPE_END,           /* the last NUL was read; what follows is of no interest */
  ENVELOPE_MALFORMED,     /* a byte that cannot stand there, or a value that is none */
  ENVELOPE_TOO_LONG       /* a text of more than QUEUE_ADDRESS_MAX bytes */
};

struct envelope_input {
  int state;
  bool recipients;        /* there was one */
  unsigned extras;        /* that there were since, a bit for each */
  char letter;            /* of the extra in work */
  size_t len;
  char address[QUEUE_ADDRESS_MAX];
};
#define ENVELOPE_INPUT_ZERO { .state = 0 }

/* Reads s from *at on, moves *at behind what it took, and stops at the first event. */
enum envelope_event envelope_take(struct envelope_input *e, char const *s, size_t n, size_t *at);

#endif
