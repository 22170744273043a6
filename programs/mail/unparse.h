/* unparse: write an address list in its canonical form, completed and folded. */

#ifndef MAILTREE_UNPARSE_H
#define MAILTREE_UNPARSE_H

#include <skalibs/stralloc.h>

#include "addrlist.h"
#include "rewrite.h"

enum { UNPARSE_LINE = 78, UNPARSE_ENCODED_LINE = 76 };      /* bytes of a line; RFC 2047 section 2 has the smaller one */

/* Appends "NAME: list" and a newline. Lines break behind commas, and beside encoded words where a name is long. */
void unparse(stralloc *to, char const *name, size_t name_len, struct addrlist const *list,
             struct rewrite_rules const *rules);

#endif
