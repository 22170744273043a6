#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/allreadwrite.h>

#include "feed.h"
#include "memory.h"

enum { BLOCK = 4 * FEED_LINE_MAX };

/* What is left of the block goes to its front, and more comes behind it. 0 at the end of all, -1 with errno. */
static ssize_t refill(struct feed *feed)
{
  if (!feed->block) feed->block = memory_resized(0, BLOCK, 1);
  if (feed->at) memmove(feed->block, feed->block + feed->at, feed->end - feed->at);
  feed->end -= feed->at;
  feed->at = 0;
  while (feed->left) {
    ssize_t r = fd_read(*feed->fds, feed->block + feed->end, BLOCK - feed->end);
    if (r > 0) feed->end += (size_t)r;
    if (r) return r;
    feed->fds++;
    feed->left--;
  }
  return 0;
}

static void take(struct feed *feed, struct field *line, size_t len)
{
  *line = (struct field){ feed->block + feed->at, len < FEED_LINE_MAX ? len : FEED_LINE_MAX };
}

static enum feed_result last(struct feed *feed, struct field *line)
{
  bool there = feed->end > feed->at && !feed->skipping;
  if (there) take(feed, line, feed->end - feed->at);
  feed->at = feed->end;
  return there ? FEED_PARTIAL : FEED_END;
}

/* A line that is too long is given as soon as that is known; true if there is one to give. */
static bool too_long(struct feed *feed, struct field *line)
{
  bool was = feed->skipping;
  if (feed->end - feed->at < FEED_LINE_MAX) return false;
  take(feed, line, feed->end - feed->at);
  feed->at = feed->end;
  feed->skipping = true;
  return !was;
}

static bool has_line(struct feed const *feed, size_t *len)
{
  if (feed->at == feed->end) return false;
  char const *from = feed->block + feed->at, *newline = memchr(from, '\n', feed->end - feed->at);
  if (newline) *len = (size_t)(newline - from);
  return newline != 0;
}

enum feed_result feed_next(struct feed *feed, struct field *line)
{
  for (;;) {
    size_t len;
    if (has_line(feed, &len)) {
      bool was = feed->skipping;
      take(feed, line, len);
      feed->at += len + 1;
      feed->skipping = false;
      if (!was) return FEED_LINE;
    } else {
      if (too_long(feed, line)) return FEED_LINE;
      ssize_t r = refill(feed);
      if (r == -1) return FEED_TROUBLE;
      if (!r) return last(feed, line);
    }
  }
}

void feed_end(struct feed *feed)
{
  free(feed->block);
  feed->block = 0;
  feed->at = feed->end = 0;
}
