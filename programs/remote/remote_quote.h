/* remote_quote: quoted-printable (RFC 2045 6.7), line by line. */

#ifndef MAILTREE_REMOTE_QUOTE_H
#define MAILTREE_REMOTE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum { QUOTE_LINE_MAX = 76 };

/* Starts with zero, and is so again behind each line. */
struct quote {
  size_t column;
  bool continues;     /* the line began in the one before */
};

/* Bytes of a line, without its end; `ends` tells that they are the last of it. Appends, and without an end: that is the
   caller's. False without memory. */
bool quote_add(struct quote *q, stralloc *to, char const *s, size_t len, bool ends);

#endif
