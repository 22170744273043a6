/* split_map: which sublist of a list an address belongs to, by lines "domain:lo:hi:list[@host]". Pure. */

#ifndef MAILTREE_SPLIT_MAP_H
#define MAILTREE_SPLIT_MAP_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum split_map { SPLIT_MAP_NONE, SPLIT_MAP_FOUND, SPLIT_MAP_WRONG /* a line without three colons, or with a bound that is no number */ };

/* The first line that fits: its domain is the beginning of "com.foo" for joe@x.foo.com, or empty; the address's hash, from 0 to 52, is
   from lo to hi. Its last part, empty where the list itself keeps such addresses. */
enum split_map split_map_find(struct field *sublist, struct field map, struct field address);

/* "com.foo": the last part of the domain, a dot, and the part before it, in lower case. Appends. */
void split_map_key(stralloc *to, struct field address);

#endif
