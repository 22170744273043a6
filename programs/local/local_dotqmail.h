/* local_dotqmail: find and read the .qmail file of an address. The working directory is the user's home. */

#ifndef MAILTREE_LOCAL_DOTQMAIL_H
#define MAILTREE_LOCAL_DOTQMAIL_H

#include <stdbool.h>

#include "local_mail.h"

struct dotqmail {
  bool found;
  bool forward_only;      /* its owner-execute bit is set */
  char const *name;       /* of the file, when found; good until the next dotqmail_read */
  stralloc text;          /* what it says; empty when not found */
  stralloc tried;         /* the names looked for, each followed by a NUL */
};
#define DOTQMAIL_ZERO { false, false, 0, STRALLOC_ZERO, STRALLOC_ZERO }

/* Finds and reads; sets m->default_part. Trouble ends the program with 111, and so do forbidden mode bits. */
void dotqmail_read(struct dotqmail *to, struct local_mail *m, mode_t forbidden);

/* Which owner files of the address exist. Trouble ends the program with 111. */
void dotqmail_owners(struct local_mail const *m, bool *has_owner, bool *has_owner_default);

#endif
