/* surrogate: what a POP3 client that has not said UTF8 is shown in place of a header beyond ASCII (RFC 6856 section 2.1), in the
   simple manner of RFC 6858. Pure.

   Names of people and the Subject become encoded words (RFC 2047), an address beyond ASCII one that nobody has, with the true one
   in the name before it; parameters of Content-Type and Content-Disposition, and all other fields, are left out where they are not
   ASCII. A field that is no UTF-8 is no such header, and stays as it is, as do all fields in ASCII. */

#ifndef MAILTREE_SURROGATE_H
#define MAILTREE_SURROGATE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum { SURROGATE_FIELD_MAX = 65536 };   /* bytes of a field; of a longer one lines are left out from their first byte beyond ASCII on */

/* False when the message that begins so has a header that ends in these bytes and is ASCII. */
bool surrogate_is_needed(char const *s, size_t len);

/* A header that is read in pieces. All zeros at the start; the end frees its memory. */
struct surrogate {
  stralloc field;         /* what has come of the present field */
  size_t line;            /* where in it the present line begins */
  bool has_begun;         /* a line has ended */
  bool is_in_line;        /* the piece before ended within one */
  bool is_passing;        /* the field is too long to be gathered */
  bool is_cut;            /* the rest of this line is left out */
  bool is_over;           /* the header */
};

/* Appends what is to be shown of the next piece of the file. How much of the piece it took: all of it until the header is over, which
   it is behind its empty line, or before the first line that is neither a field nor the continuation of one. */
size_t surrogate_take(struct surrogate *g, stralloc *to, char const *s, size_t len);

/* The file has no more. */
void surrogate_end(struct surrogate *g, stralloc *to);

/* Appends what is shown of one field, with its continuations and line ends: nothing, or lines. */
void surrogate_field(stralloc *to, char const *s, size_t len);

#endif
