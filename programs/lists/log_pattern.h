/* log_pattern: what somebody looks for in a log by mail. Pure. */

#ifndef MAILTREE_LOG_PATTERN_H
#define MAILTREE_LOG_PATTERN_H

#include <stdbool.h>

#include "fields.h"

/* Whether it stands anywhere in the line: letters, whatever their case, digits and dots for themselves, everything else for any
   byte. */
bool log_pattern_in(struct field line, struct field pattern);

#endif
