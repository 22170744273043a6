/* dispatch: which file of a list an address of it means, by what follows the list's name. Pure. */

#ifndef MAILTREE_DISPATCH_H
#define MAILTREE_DISPATCH_H

#include <stdbool.h>

#include "fields.h"

struct dispatched {
  char const *file;                 /* "digest/bouncer" */
  bool is_plain;                    /* no part of the address is left for DEFAULT */
  struct field rest;                /* what is */
};

/* rest: without the hyphen behind the list's name. */
void dispatch(struct dispatched *to, struct field rest);

/* The names that the list may have: all of the text, then what stands before its last hyphen, and so on. *len is the length of the
   one before, in the beginning len + 1 of the text. False: no more; none begins with a period or has a slash in it. */
bool dispatch_name(struct field text, size_t *len);

#endif
