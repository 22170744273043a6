/* surrogate_people: a list of addresses beyond ASCII, for who may see ASCII alone. RFC 6858 section 2.1. Pure. */

#ifndef MAILTREE_SURROGATE_PEOPLE_H
#define MAILTREE_SURROGATE_PEOPLE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends the value of a field, without the newline at its end: a name as encoded words, with its address if that is ASCII;
   otherwise both as encoded words before an address that nobody has, as is a text that is no list of addresses. */
void surrogate_people(stralloc *to, char const *s, size_t len);

#endif
