/* screen: foreign text for somebody's terminal. */

#ifndef MAILTREE_SCREEN_H
#define MAILTREE_SCREEN_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* Appends the characters that begin in the first max bytes. What a terminal would obey, in one byte or as U+0080 to U+009F, and
   what is no character, becomes this byte. */
void screen_add(stralloc *to, struct field f, size_t max, char instead);

#endif
