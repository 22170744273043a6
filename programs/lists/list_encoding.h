/* list_encoding: a text on its way into a mail, as quoted-printable or base64 (RFC 2045 6.7, 6.8), in lines of 72. Pure. */

#ifndef MAILTREE_LIST_ENCODING_H
#define MAILTREE_LIST_ENCODING_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum { LIST_LINE = 72, LIST_LINE_BYTES = LIST_LINE / 4 * 3 };

struct list_encoding {
  char as;                              /* 'Q', 'B', or 0: as it is */
  size_t column;                        /* characters of the line so far */
  char blank;                           /* came last, and must not end a line; 0: none */
  char bytes[LIST_LINE_BYTES];
  size_t count;                         /* of bytes that are not encoded yet */
};

void list_encoding_begin(struct list_encoding *e, char as);

/* Appends what the text becomes so far. */
void list_encoding_add(stralloc *to, struct list_encoding *e, char const *s, size_t len);

/* Appends what is left, with a last newline of base64. */
void list_encoding_end(stralloc *to, struct list_encoding *e);

#endif
