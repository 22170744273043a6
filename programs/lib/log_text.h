/* log_text: foreign bytes in log lines. */

#ifndef MAILTREE_LOG_TEXT_H
#define MAILTREE_LOG_TEXT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends s as the family writes it into logs: newline becomes '/', bytes below 33 or above 126 and '%'
   become '_'. At most max bytes of s. 1, or 0 without memory. */
int log_text(stralloc *to, char const *s, size_t len, size_t max);

#endif
