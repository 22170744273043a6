/* matching: lines of qmail-send as messages that have ended and attempts to deliver that have. */

#ifndef MAILTREE_MATCHING_H
#define MAILTREE_MATCHING_H

#include "fields.h"
#include "open_items.h"

/* How an attempt ended; the letters are those of the line. */
enum attempt { ATTEMPT_SUCCESS, ATTEMPT_FAILURE, ATTEMPT_DEFERRAL, ATTEMPTS };
extern char const attempt_letters[ATTEMPTS + 1];

/* What an open item keeps. */
enum { MESSAGE_BIRTH, MESSAGE_BYTES, MESSAGE_SENDER, MESSAGE_QP, MESSAGE_UID };
enum { DELIVERY_START, DELIVERY_CHANNEL, DELIVERY_RECIPIENT };

/* Senders with their brackets and in lower case, times as seconds with a fraction. */
struct matched_message {
  struct field birth, done, bytes, sender, qp, uid;
  uint64_t const *count;                /* by attempt */
};

struct matched_delivery {
  enum attempt result;                  /* ATTEMPTS: of no known kind */
  struct field birth, start, done, bytes, sender, channel, recipient, qp, uid, reason;
};

struct matching_sink {
  void (*begun)(void *with, struct open_item const *message);           /* may be null */
  void (*message)(void *with, struct matched_message const *message);
  void (*delivery)(void *with, struct matched_delivery const *delivery);
  void (*complaint)(void *with, struct field line);                     /* a warning, an alert */
  void (*unknown)(void *with, struct field line);
};

struct matching {
  struct open_items messages, deliveries;
  struct matching_sink const *sink;
  void *with;
};

void matching_line(struct matching *matching, struct field line);

#endif
