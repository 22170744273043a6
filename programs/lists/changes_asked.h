/* changes_asked: the command line that ezmlm-sub and ezmlm-unsub have in common, and the addresses on it or on standard input. */

#ifndef MAILTREE_CHANGES_ASKED_H
#define MAILTREE_CHANGES_ASKED_H

#include <stdbool.h>

#include "subscribers.h"

/* Does it for each address; sign is that of the log's event: "+" or "-". Returns the exit code; ends the program for wrong use,
   100, and trouble. */
int changes_asked(int argc, char const *const *argv, char const *usage, char const *sign,
                  bool (*change)(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced));

#endif
