/* batch_body: the text of a message in a batch, up to the line with a dot. A line ends in LF or CR LF there, in LF behind us;
   a dot in front of it is taken off. Pure. */

#ifndef MAILTREE_BATCH_BODY_H
#define MAILTREE_BATCH_BODY_H

#include <stddef.h>

enum batch_body_state { BATCH_LINE_START, BATCH_TEXT, BATCH_CR, BATCH_DOT, BATCH_DOT_CR, BATCH_BODY_DONE };

/* Begins in BATCH_LINE_START. Decodes bytes of s until the end of the message; *used becomes how many. `to` has room for
   2 * len bytes; returns the length of what is in it. */
size_t batch_body_decode(enum batch_body_state *at, char *to, char const *s, size_t len, size_t *used);

#endif
