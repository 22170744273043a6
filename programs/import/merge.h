/* merge: lines that come to a file that is there. What stands there stays in its place, but for lines of a map whose value is another
   one now. Pure. */

#ifndef MAILTREE_IMPORT_MERGE_H
#define MAILTREE_IMPORT_MERGE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "harvest.h"

/* Appends to *to what the file will say. Whether that is what it says already. */
bool merge(stralloc *to, enum harvest_kind kind, struct field there, struct field comes);

#endif
