/* line_end: text on its way into the queue, where a line ends with LF alone. CRs before an LF go, any other stays:
   programs that know mail from SMTP end their lines with CR LF, PHP those of the header. */

#ifndef MAILTREE_LINE_END_H
#define MAILTREE_LINE_END_H

#include <stdbool.h>
#include <stddef.h>

struct line_end {
  void (*put)(void *to, char const *s, size_t len);
  void *to;
  size_t crs;               /* came last: they may belong to a line end */
  bool in_line;             /* something stands behind the last LF */
};

/* The next piece. */
void line_end_put(struct line_end *l, char const *s, size_t len);

/* After the last piece: ends a line that is not ended. */
void line_end_finish(struct line_end *l);

#endif
