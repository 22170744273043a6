/* json_text: foreign bytes as a JSON string. */

#ifndef MAILTREE_JSON_TEXT_H
#define MAILTREE_JSON_TEXT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends s with its quotes. UTF-8 stays; each byte that is none becomes U+FFFD. 1, or 0 without memory. */
int json_text(stralloc *to, char const *s, size_t len);

#endif
