/* feed: a log by lines, read in big blocks from one descriptor or from several, one behind the other. */

#ifndef MAILTREE_FEED_H
#define MAILTREE_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum { FEED_LINE_MAX = 65536 };     /* bytes; what a line has more is passed over */

enum feed_result {
  FEED_LINE,
  FEED_PARTIAL,                     /* the last line, which has no newline yet */
  FEED_END,
  FEED_TROUBLE                      /* errno */
};

struct feed {
  int const *fds;                   /* the one that is read, and those that come after it */
  size_t left;                      /* so many */
  char *block;
  size_t at, end;
  bool skipping;                    /* the rest of a line that is too long */
};

/* The next line without its newline; it stays until the next call. */
enum feed_result feed_next(struct feed *feed, struct field *line);

void feed_end(struct feed *feed);

#endif
