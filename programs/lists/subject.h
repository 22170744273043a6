/* subject: what a message is about, for archives: on one line, decoded, without what replies and lists put in front. Pure.

   Bytes below 32 that an encoding hid become blanks: a subject is a line of an index. */

#ifndef MAILTREE_SUBJECT_H
#define MAILTREE_SUBJECT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { SUBJECT_MAX = 2000 };            /* bytes of a normalised subject, and of an author's name */

/* Appends the value of a header field on one line: each line of it trimmed, with one blank between. */
void subject_unfold(stralloc *to, struct field value);

/* Appends it with its RFC 2047 words decoded, whatever their charset; blanks between two of them vanish. */
void subject_decode(stralloc *to, struct field text);

enum { SUBJECT_IS_REPLY = 1, SUBJECT_HAS_PREFIX = 2 };

/* Appends the normalised subject; returns what was cut from it. In the prefix, '#' means digits and blanks; it may be empty. */
unsigned subject_normal(stralloc *to, struct field value, struct field prefix);

#endif
