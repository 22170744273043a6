/* encoded_word: text of a header field that is not ASCII, as RFC 2047 has it. */

#ifndef MAILTREE_ENCODED_WORD_H
#define MAILTREE_ENCODED_WORD_H

#include <skalibs/stralloc.h>

/* Appends the text on one line where it is ASCII, else as words of 75 bytes at most, a line for each; line ends go, and
   other bytes below 32 become blanks. What is no UTF-8 is taken for ISO-8859-1. */
void encoded_word_add(stralloc *to, char const *s, size_t len);

#endif
