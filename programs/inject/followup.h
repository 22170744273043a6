/* followup: Mail-Followup-To for people who write to mailing lists they read anyway. */

#ifndef MAILTREE_FOLLOWUP_H
#define MAILTREE_FOLLOWUP_H

#include <stdbool.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "nameset.h"

struct followup {
  struct nameset lists;     /* addresses of mailing lists */
  stralloc addresses;       /* of To and Cc as they were found */
  genalloc begins;          /* size_t, where each begins in addresses */
  bool wanted;              /* one of them is a list */
};
#define FOLLOWUP_ZERO { .lists = NAMESET_ZERO }

enum { FOLLOWUP_FILE_MAX = 1 << 20 };     /* bytes of the file; a longer one counts as unreadable */

/* Reads the file QMAILMFTFILE names, from the working directory of the caller. One that cannot be read lists nothing. */
void followup_lists(struct followup *f);

/* Takes note of one address. */
void followup_see(struct followup *f, char const *address, size_t len);

/* Appends the field, the address seen last first. */
void followup_field(stralloc *to, struct followup const *f);

#endif
