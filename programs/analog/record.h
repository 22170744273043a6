/* record: a line of matchup's, read back. */

#ifndef MAILTREE_RECORD_H
#define MAILTREE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"
#include "matching.h"

enum record_kind { RECORD_OTHER, RECORD_MESSAGE, RECORD_DELIVERY };

/* What a line does not have is empty, or 0. Of a message there are birth, done, bytes, sender, qp, uid and count; of a
   delivery all but count. */
struct record {
  enum record_kind kind;
  enum attempt result;
  struct field birth, start, done, sender, recipient, qp, uid, reason;      /* recipient: CHANNEL.ADDRESS */
  uint64_t bytes, count[ATTEMPTS];
};

void record_read(struct record *record, struct field line);

/* Between two times of it, in seconds. */
double record_seconds(struct field from, struct field to);

#endif
