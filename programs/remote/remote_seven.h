/* remote_seven: a message with 8-bit text for a server that takes none (RFC 6152 3): those parts that have 8-bit bytes, or
   lines that are too long, become quoted-printable, where that changes nothing that is meant.

   It is read twice with the same structure: first to learn which parts need it and whether it can be done, then to be
   written.

     seven_learn(&s);   while ... seven_text(&s, &out, block, len);   seven_end(&s, &out);
     if (!s.problem) { seven_write(&s);   ... the same, with out now filled ... }
*/

#ifndef MAILTREE_REMOTE_SEVEN_H
#define MAILTREE_REMOTE_SEVEN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "remote_mime.h"
#include "remote_quote.h"

enum {
  SEVEN_DEPTH_MAX = 100,        /* of parts within parts */
  SEVEN_LEAVES_MAX = 10000,
  SEVEN_HEADER_MAX = 65536,     /* bytes of each header */
  SEVEN_LINE_MAX = 998
};

struct seven_parts {
  size_t boundary_len;
  char boundary[MIME_BOUNDARY_MAX];
  bool sealed, is_digest;
};

struct seven {
  char const *problem;          /* why it cannot be done, in words; null: it can */
  bool header_is_wide;          /* a header has 8-bit bytes: its own, or one of its parts */
  bool writes;                  /* in the second reading */
  unsigned char at;
  bool of_message;              /* the header to come is that of a message, not of a part */
  bool silent;                  /* and it has said nothing of its text */
  bool quotes, sealed, coded;   /* of the part */
  bool after_cr, continues;     /* the line has begun in what was taken before */
  size_t line_len;              /* all of it */
  size_t depth, leaf;           /* its number is one less */
  struct quote quote;
  struct seven_parts parts[SEVEN_DEPTH_MAX];
  unsigned char needs[SEVEN_LEAVES_MAX / 8];
  size_t header_len, pending_len;
  char header[SEVEN_HEADER_MAX];
  char pending[SEVEN_LINE_MAX + 1];
};

void seven_learn(struct seven *s);
void seven_write(struct seven *s);

/* The next bytes; what is to be sent is appended, with LF for each line end. False without memory. */
bool seven_text(struct seven *s, stralloc *to, char const *text, size_t len);
bool seven_end(struct seven *s, stralloc *to);

#endif
