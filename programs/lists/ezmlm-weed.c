/* ezmlm-weed: drop what a list's program had better not answer.

   runs as   who owns the list, in a line of a .qmail file
   reads     the message on descriptor 0
   exits     99 it is dropped, 0 the next line comes, 111 it cannot be read
*/

#include <stdlib.h>

#include <skalibs/strerr.h>

#include "list.h"
#include "weed.h"

static char space[BUFFER_INSIZE];
static buffer in = BUFFER_INIT(&buffer_read, 0, space, sizeof space);
static struct mail_header header = MAIL_HEADER_ZERO;
static struct line_pieces pieces;

/* Of a longer header, what is there of it says enough. */
static void read_header(void)
{
  if (mail_header_read(&header, &in) == MAIL_HEADER_UNREADABLE) strerr_diefusys(LIST_TROUBLE, "read ", "the message");
}

static void read_body(struct weed *w)
{
  struct line_piece piece;
  int r = 1;
  line_pieces_begin(&pieces, &header.body_start, &in);
  while (w->verdict == WEED_OPEN && (r = line_pieces_next(&pieces, &piece)) == 1) weed_piece(w, &piece);
  if (r == -1) strerr_diefusys(LIST_TROUBLE, "read ", "the message");
}

int main(void)
{
  struct weed w = { .verdict = WEED_OPEN };
  PROG = "ezmlm-weed";
  read_header();
  weed_begin(&w, &header);
  if (w.verdict == WEED_OPEN) read_body(&w);
  return weed_end(&w) == WEED_DROP ? LIST_STOP : 0;
}
