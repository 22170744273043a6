/* weed: which messages a list's program had better not answer: notices, automatic answers, mail of other lists. Pure.

   A report of a delivery that failed is none of these, however automatic it says it is. */

#ifndef MAILTREE_WEED_H
#define MAILTREE_WEED_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "line_pieces.h"
#include "mail_header.h"
#include "mime_walk.h"

enum weed_verdict { WEED_OPEN, WEED_KEEP, WEED_DROP };

struct weed {
  enum weed_verdict verdict;        /* WEED_OPEN: the body decides */
  enum weed_verdict otherwise;      /* when the body does not */
  bool is_report;                   /* of parts, the boundary is in walk */
  stralloc boundary;
  struct mime_walk walk;
  bool in_line;                     /* of the part that is read, not at its beginning */
  unsigned stars;                   /* lines of the box of a warning, one behind the other */
  bool is_warning;                  /* one of them says so */
};

/* What the header says; what w points to must stay where it is. */
void weed_begin(struct weed *w, struct mail_header const *h);

/* A piece of the body, until the verdict is there. */
void weed_piece(struct weed *w, struct line_piece const *piece);
enum weed_verdict weed_end(struct weed *w);

#endif
