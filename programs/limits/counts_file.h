/* counts_file: what was counted, in HOME/run/limits/counts, as kept.h has it. */

#ifndef MAILTREE_LIMITS_COUNTS_FILE_H
#define MAILTREE_LIMITS_COUNTS_FILE_H

#include "usage.h"

/* What cannot be read is told to the log, and begins anew. */
void counts_file_read(struct usages *all, uint64_t t);

/* As a whole, or not at all. It is not waited for the disk: a power cut may take the last minutes, and mail does not wait. */
void counts_file_write(struct usages *all, uint64_t t);

#endif
