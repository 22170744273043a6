/* zsendmail: the lines of matchup in the words that readers of a log of sendmail know. */

#ifndef MAILTREE_ZSENDMAIL_H
#define MAILTREE_ZSENDMAIL_H

#include <skalibs/stralloc.h>

#include "record.h"

/* A line that matchup did not make stays as it is. */
void zsendmail_line(stralloc *to, struct record const *record, struct field line);

#endif
