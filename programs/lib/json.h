/* json: foreign bytes as a JSON string, the one way in which every program of ours writes them. */

#ifndef MAILTREE_JSON_H
#define MAILTREE_JSON_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends s with its quotes. UTF-8 stays; each byte that is none becomes U+FFFD. 1, or 0 without memory. */
int json_text(stralloc *to, char const *s, size_t len);

#endif
