/* sasl_stamp: by what a challenge is told from all others: <unique@host>. Nobody can have heard an answer to it before. */

#ifndef MAILTREE_SASL_STAMP_H
#define MAILTREE_SASL_STAMP_H

#include <stdbool.h>

#include "sasl.h"

/* False, and an empty text: nothing can be drawn, or the host's name is too long. */
bool sasl_stamp(char to[SASL_STAMP_MAX + 1], char const *host);

#endif
