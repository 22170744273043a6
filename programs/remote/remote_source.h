/* remote_source: the message as it goes out: as it is, or with those lines folded that are too long. */

#ifndef MAILTREE_REMOTE_SOURCE_H
#define MAILTREE_REMOTE_SOURCE_H

#include <stdbool.h>

#include "remote_message.h"
#include "smtp_client.h"

/* There is one at a time. */
struct smtp_source const *source_of(struct message const *m, bool folds);

/* How long it may be on the wire, without doubled dots; 0: not known. */
uint64_t source_size(struct message const *m, bool folds);

#endif
