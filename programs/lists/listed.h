/* listed: whether a setting of several lines (list_words.h) has a name: of a header field, or of a MIME type. Pure. */

#ifndef MAILTREE_LISTED_H
#define MAILTREE_LISTED_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* Names, each ended by a NUL; case does not matter. */
bool name_listed(stralloc const *names, struct field name);

/* The same of a type, type/subtype: a line without a slash means all subtypes. */
bool type_listed(stralloc const *names, struct field type);

/* Which fields of a header a list lets through. */
struct header_choice {
  stralloc names;
  bool keep;                /* those named alone, else all but those */
};
bool header_choice_keeps(struct header_choice const *choice, struct field name);

#endif
