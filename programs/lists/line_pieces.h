/* line_pieces: the body of a message line by line, with constant memory: a line that is longer than a piece comes in several. */

#ifndef MAILTREE_LINE_PIECES_H
#define MAILTREE_LINE_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/buffer.h>
#include <skalibs/stralloc.h>

enum { LINE_PIECE_MAX = 8192 };

struct line_piece {
  char const *s;
  size_t len;
  bool begins, ends;            /* a line; its newline is part of it */
};

struct line_pieces {
  buffer *in;
  stralloc const *start;        /* what was read before, as mail_header_read leaves it; or null */
  size_t taken;                 /* of start */
  size_t begin, end;            /* what is there of space */
  bool in_line;
  char space[LINE_PIECE_MAX];
};

void line_pieces_begin(struct line_pieces *p, stralloc const *start, buffer *in);

/* 1; 0 at the end; -1 with errno. What a piece shows is there until the next call. */
int line_pieces_next(struct line_pieces *p, struct line_piece *piece);

#endif
