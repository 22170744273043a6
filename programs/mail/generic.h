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

/* The same by the control files; the map is read at the first call, locals when there is a line. Working directory: HOME. A
   program that cannot read them ends: "unable to read control/x", 111. */
bool generic_replace(stralloc *address);

#endif
