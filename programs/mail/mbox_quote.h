/* mbox_quote: mboxrd quoting of a message that comes in pieces. Pure. */

#ifndef MAILTREE_MBOX_QUOTE_H
#define MAILTREE_MBOX_QUOTE_H

#include <stddef.h>

struct mbox_quote {
  enum { MBOX_LINE_START, MBOX_IN_ARROWS, MBOX_IN_FROM, MBOX_IN_LINE } at;
  size_t matched;                                   /* bytes of "From " held back */
  void (*put)(void *, char const *, size_t);        /* where quoted bytes go */
  void *to;
};

/* A new line begins with at = MBOX_LINE_START and matched = 0. */
void mbox_quote_feed(struct mbox_quote *q, char const *s, size_t len);

/* Puts what is held back, and a newline when the last line has none. */
void mbox_quote_end(struct mbox_quote *q);

#endif
