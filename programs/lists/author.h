/* author: who wrote a message, for archives, by the value of its field From. Pure. */

#ifndef MAILTREE_AUTHOR_H
#define MAILTREE_AUTHOR_H

#include <skalibs/stralloc.h>

#include "fields.h"
#include "surf.h"

/* Appends the name: the text before an address in <>, else what stands in quotes, else the comment, else the address. Decoded,
   on one line, '.' for '@'. */
void author_name(stralloc *to, struct field from);

/* The same as it may be shown to people, with its '@'. */
void author_shown(stralloc *to, struct field from);

/* The hash of the address, whatever extension behind a '-' it has. */
void author_hash(char hash[SURF_LETTERS], struct field from);

#endif
