/* vpasswd_pair: the two files that hold the users of a domain.

   vpasswd is the truth: people edit it, and programs of vpopmail write it. vpasswd.cdb is made of it, and is what
   readers look into; nothing in it, and no time or size, needs to prove that it belongs to the other. A change goes

     1. .vpasswd.new       the new text, on disk
     2. .vpasswd.cdb.new   the users in it, on disk
     3. .vpasswd.new       becomes vpasswd, on disk: it is decided
     4. .vpasswd.cdb.new   becomes vpasswd.cdb, on disk

   and up to 4 every reader sees the old users, after it the new ones. When the power goes, or a kill comes, before 3,
   there are files aside that mean nothing: the next change writes over them. Between 3 and 4 there is .vpasswd.cdb.new
   without .vpasswd.new: then whoever comes first, a reader or a writer, makes vpasswd.cdb of vpasswd. So does who finds
   none. That it is made once too often does no harm, so that what else is left like this needs no other care.

   An edit by hand counts from vmkpasswd on, or from the next change. */

#ifndef MAILTREE_VPASSWD_PAIR_H
#define MAILTREE_VPASSWD_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "kept_file.h"

enum { PAIR_MAX = 1 << 30 };            /* bytes of one of the files */

/* The lock that everything below but pair_open and pair_read_cdb needs. A descriptor, or -1 with errno. */
int pair_lock(int directory, unsigned seconds);

/* Makes vpasswd.cdb when a crash has left it old. */
bool pair_repair(int directory);

/* Makes vpasswd.cdb anew of vpasswd. */
bool pair_renew(int directory);

/* The text of vpasswd, appended: 1, 0 when there is none, -1 with errno. Where vpasswd is lost, or left empty by some
   program that was interrupted, and vpasswd.cdb is not, the text is made of that. */
int pair_read_text(stralloc *to, int directory);

/* Makes this the text, and vpasswd.cdb of it. */
bool pair_write(int directory, char const *s, size_t len);

/* vpasswd.cdb for reading, repaired before; -1 with errno. The directory may be AT_FDCWD. The descriptor is that of *kept, if
   there is one. */
int pair_open(int directory, struct kept_file *kept);

/* All bytes of it, appended; false with errno. */
bool pair_read_cdb(stralloc *to, int directory);

#endif
