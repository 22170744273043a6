/* handover: one message of another system's queue is queued here. */

#ifndef MAILTREE_IMPORT_HANDOVER_H
#define MAILTREE_IMPORT_HANDOVER_H

#include <stdbool.h>

#include "spooled.h"

/* The envelope and the header of m, and a body that is read from the descriptor to its end. False, and the reason on descriptor 2 behind
   the name, when it is not queued; whether it is at an end is what body_is_whole says of its source afterwards, null: it is. */
bool handover(struct spooled const *m, int body, char const *name, bool (*body_is_whole)(void *), void *source);

#endif
