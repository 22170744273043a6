/* xtext: bytes in a form that passes through a command and a header field (RFC 3461 4). A byte from 33 to 126 stands for
   itself, but for '+' and '='; any other is '+' and two upper-case hexadecimal digits. */

#ifndef MAILTREE_XTEXT_H
#define MAILTREE_XTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

/* Whether all of it is xtext of blanks and printable ASCII: what else it might stand for would end a header field, or
   disturb the terminal of whoever reads it. Empty text is none. */
bool xtext_is_printable(char const *s, size_t len);

/* Appends what printable xtext stands for; what is none is taken as it is. 1, or 0 without memory. */
int xtext_decode(stralloc *to, char const *s, size_t len);

/* Appends the text as xtext. 1/0. */
int xtext_encode(stralloc *to, char const *s, size_t len);

enum { XTEXT_WIDE = 16 };     /* room for one with its NUL */

/* A character of more than one byte where only ASCII may stand: \x{E9} (RFC 6533 3). The length. */
size_t xtext_wide(char to[XTEXT_WIDE], char const *character, size_t len);

#endif
