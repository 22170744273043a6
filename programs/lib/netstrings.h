/* netstrings: a question or an answer between two of our programs, as one netstring of as many netstrings as both know of.
   A netstring is its length in decimal, ':', its bytes, ','. Pure. */

#ifndef MAILTREE_NETSTRINGS_H
#define MAILTREE_NETSTRINGS_H

#include <stddef.h>

#include "fields.h"

enum { NETSTRINGS_MAX = 99999 };      /* bytes, all of it: the greatest bound that one may be given */

/* Writes at most max bytes; returns how many, or 0 when it does not fit. */
size_t netstrings_pack(char *to, size_t max, struct field const *parts, size_t count);

/* How many bytes it has, max at most; 0: there is more to come; -1: it is none, and none can become of it. The parts lie
   in s. */
long netstrings_unpack(struct field *parts, size_t count, char const *s, size_t len, size_t max);

#endif
