/* generic: by which address people of this host are known outside, by control/genericfrom: lines "user:address",
   "user@host:address" and "@host:@otherhost". */

#ifndef MAILTREE_GENERIC_H
#define MAILTREE_GENERIC_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "nameset.h"

/* Replaces a complete address by the one that a line of the map has for it: its own, else that of its user, where the host is
   one of locals, else that of its host. False: there is none, or none with an @, and the address is as it was. */
bool generic_find(stralloc *address, struct nameset const *map, struct nameset const *locals);

/* Appends the header, whose fields are ended by LF, with such an address instead wherever one of its own is that of a sender: From,
   Sender, Reply-To and their like. Nothing else of it changes. */
void generic_rename(stralloc *to, char const *header, size_t len, struct nameset const *map, struct nameset const *locals);

/* ---- by the control files ---- */

/* Reads the map at the first call, and locals when the map has a line. False with errno and the file. Working directory: HOME. */
bool generic_load(char const **culprit);

/* The rest is for behind it: whether there is a line, */
bool generic_is_used(void);

/* and the same by these files. */
bool generic_replace(stralloc *address);
void generic_replace_in_header(stralloc *to, char const *header, size_t len);

#endif
