/* tally: sums by name, for any number of names. */

#ifndef MAILTREE_TALLY_H
#define MAILTREE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "matching.h"

/* What is summed of a sender, a recipient, a reason. Who needs only some of it leaves the rest 0. */
struct tally_sums {
  uint64_t attempts[ATTEMPTS], received;        /* of deliveries; bytes of the successful ones */
  uint64_t messages, bytes, sent, weighted;     /* of messages; sent and weighted: bytes by success, and by what is done */
  uint64_t counts[ATTEMPTS];                    /* of deliveries of those messages */
  double xdelay;                                /* seconds */
};

struct tally_row { struct field name; struct tally_sums sums; };

/* In the order in which the names came. */
struct tally { struct tally_row *rows; size_t count, room; uint32_t *slots; size_t size; };

/* The sums of a name, which begin with 0; they stay where they are until the next call. */
struct tally_sums *tally_of(struct tally *tally, struct field name);

#endif
