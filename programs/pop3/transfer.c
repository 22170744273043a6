#include <string.h>

#include "transfer.h"

static bool enough(struct transfer const *t)
{
  return !t->whole && t->in_body && !t->lines_left;
}

static void line_done(struct transfer *t, bool empty)
{
  t->put("\r\n", 2);
  t->at = LINE_START;
  if (!t->in_body) t->in_body = empty;
  else if (t->lines_left) t->lines_left--;
}

/* The part of a line that lies in s, without its LF. */
static void line_part(struct transfer *t, char const *s, size_t len)
{
  if (!len) return;
  if (t->at == LINE_START && *s == '.') t->put(".", 1);
  t->at = t->at == LINE_START && len == 1 && *s == '\r' ? LINE_CR : LINE_TEXT;
  t->put(s, len);
}

bool transfer_piece(struct transfer *t, char const *s, size_t len)
{
  while (len && !(t->at == LINE_START && enough(t))) {
    char const *newline = memchr(s, '\n', len);
    size_t part = newline ? (size_t)(newline - s) : len;
    line_part(t, s, part);
    if (!newline) return true;
    line_done(t, t->at != LINE_TEXT);
    s += part + 1;
    len -= part + 1;
  }
  return !(t->at == LINE_START && enough(t));
}

void transfer_end(struct transfer *t)
{
  if (t->at != LINE_START) t->put("\r\n", 2);
  t->put(".\r\n", 3);
}
