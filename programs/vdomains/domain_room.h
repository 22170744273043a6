/* domain_room: whether all mailboxes of a domain together have room, where its limits say how much they may hold.

   To count them is work, so what was counted is believed for a while: a minute, or a hundred times as long as it took. The
   workers of a service share it. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_ROOM_H
#define MAILTREE_VDOMAINS_DOMAIN_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "quota.h"
#include "store.h"

struct domain_sum {
  _Atomic uint64_t place, bytes, messages;      /* place: a number of the directory's; 0: nothing is known */
  _Atomic int64_t until;                        /* in terms of monotonic_ms */
};

/* From now on children share what is known. False without memory. */
bool domain_room_share(void);

/* Whether one more byte and message fit. 1; 0; -1 with errno. */
int domain_room_fits(struct store_domain const *domain, char const *path, struct quota const *limit);

#endif
