/* ldap_text: the place and the filter of a search, with the names of a user and a domain in them. Pure. */

#ifndef MAILTREE_SQLSTORE_LDAP_TEXT_H
#define MAILTREE_SQLSTORE_LDAP_TEXT_H

#include <skalibs/stralloc.h>

#include "fields.h"

/* Replaces *to by the pattern with user and domain for %u and %d, and % for %%, and a NUL behind it that is not counted. A user of null is
   anybody: *. Whatever of a name is no letter, digit, dot, dash, underscore or at-sign is written as \xx, which means that byte and nothing
   else in filters (RFC 4515) as in distinguished names (RFC 4514). 1, or 0 without memory. */
int ldap_text_make(stralloc *to, char const *pattern, struct field user, struct field domain);

#endif
