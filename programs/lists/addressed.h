/* addressed: whether a message says that it is for a list. Pure. */

#ifndef MAILTREE_ADDRESSED_H
#define MAILTREE_ADDRESSED_H

#include <stdbool.h>

#include "fields.h"

/* Whether an address in the value of To or Cc is at this host, and its local part ends in this one; case does not matter. */
bool addressed_to(struct field value, struct field local, struct field host);

#endif
