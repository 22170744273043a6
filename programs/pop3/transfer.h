/* transfer: a message file on its way to a POP3 client: LF becomes CR LF, as do CRs before it; a dot that begins a line
   is doubled (RFC 1939 section 3), an unfinished last line is finished, nothing else is changed. */

#ifndef MAILTREE_POP3_TRANSFER_H
#define MAILTREE_POP3_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transfer {
  void (*put)(char const *s, size_t len);
  bool whole;                   /* or the header, its empty line and lines_left lines of the body */
  uint64_t lines_left;
  bool in_body;
  bool in_line;                 /* some of it was sent */
  size_t crs;                   /* came last: they may belong to the end of the line */
};

/* The next piece of the file. False when nothing of what follows is wanted any more. */
bool transfer_piece(struct transfer *t, char const *s, size_t len);

/* After the last piece: the end of an unfinished line, and the dot that ends a POP3 reply. */
void transfer_end(struct transfer *t);

#endif
