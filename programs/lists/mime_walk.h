/* mime_walk: the parts of a multipart body, outermost level, as its lines come; with constant memory, however many and long
   they are. What stands before the first part is left out. Pure but for what its caller does.

   A part whose header is longer than MIME_HEAD_MAX counts as one without a type. */

#ifndef MAILTREE_MIME_WALK_H
#define MAILTREE_MIME_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "line_pieces.h"

enum { MIME_HEAD_MAX = 65536, MIME_BOUNDARY_MAX = 1000 };

enum mime_what {
  MIME_HEAD,                    /* the line of the boundary, the header of a part, the empty line behind it */
  MIME_BODY,
  MIME_CLOSE,                   /* the line behind the last part */
  MIME_BEHIND                   /* what comes after that */
};

struct mime_walk {
  struct field boundary;        /* the caller's */
  bool (*keeps)(void *arg, struct field content_type);      /* whether a part with this value of Content-Type, empty: none, stays */
  void (*put)(void *arg, enum mime_what what, char const *s, size_t len);
  void *arg;

  enum { MIME_BEFORE, MIME_IN_HEAD, MIME_IN_BODY, MIME_AFTER } at;
  bool drops;                   /* the part that is read */
  bool decided;                 /* about the part whose header is read */
  size_t parts, kept;
  stralloc head;                /* of the part, until that is decided */
};

/* Whether the line is the boundary, with its newline or without it: 1; the closing one: 2; else 0. */
int mime_boundary(struct field boundary, char const *s, size_t len);

void mime_walk_begin(struct mime_walk *w);
void mime_walk_piece(struct mime_walk *w, struct line_piece const *piece);
void mime_walk_end(struct mime_walk *w);

#endif
