/* trailer: a text behind a body in base64. Pure. */

#ifndef MAILTREE_TRAILER_H
#define MAILTREE_TRAILER_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* The last line of a base64 body that says something, without its line end: appends it with the text behind what it means. False,
   and nothing is appended: the line is no base64 of its own. */
bool trailer_base64(stralloc *to, struct field last_line, struct field text);

#endif
