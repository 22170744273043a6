/* bare: addresses without a domain in the header of a message, To: joe, and what completes them. */

#ifndef MAILTREE_BARE_H
#define MAILTREE_BARE_H

#include <skalibs/stralloc.h>
#include <stddef.h>

#include "rewrite.h"

/* Appends to *domain what stands behind such an address by these rules: @example.org. */
void bare_domain(stralloc *domain, struct rewrite_rules const *rules);

/* Appends the header, whose fields are ended by LF, with *domain behind each address that has none, in fields that name people.
   Nothing else of it changes. A field stays as it is where its list cannot be understood, or lacks commas, so that it is
   words and no addresses. */
void bare_complete(stralloc *to, char const *header, size_t len, stralloc const *domain);

#endif
