/* mime_type: the value of a Content-Type field. RFC 2045 5.1. Pure. */

#ifndef MAILTREE_MIME_TYPE_H
#define MAILTREE_MIME_TYPE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct mime_type {
  struct field name;            /* "text/plain" as it is written; empty: there is none */
  bool broken;                  /* a quotation has no end */
};

void mime_type_read(struct mime_type *to, struct field value);

/* Replaces *to by what a parameter of that name says, without quotes and backslashes. False, and *to empty: there is none. */
bool mime_type_parameter(stralloc *to, struct field value, char const *name);

/* Whether it is this type, case aside; a wanted one that ends in a slash is every subtype of it. */
bool mime_type_is(struct field name, char const *wanted);

#endif
