#include <string.h>

#include "transfer.h"

static bool enough(struct transfer const *t)
{
  return !t->whole && t->in_body && !t->lines_left;
}

static bool at_start(struct transfer const *t)
{
  return !t->in_line && !t->crs;
}

static void line_done(struct transfer *t)
{
  t->put("\r\n", 2);
  if (!t->in_body) t->in_body = !t->in_line;
  else if (t->lines_left) t->lines_left--;
  t->in_line = false;
  t->crs = 0;
}

static void put_text(struct transfer *t, char const *s, size_t len)
{
  if (!t->in_line && *s == '.') t->put(".", 1);
  t->in_line = true;
  t->put(s, len);
}

/* The part of a line that lies in s, without its LF. */
static void line_part(struct transfer *t, char const *s, size_t len)
{
  size_t text = len;
  while (text && s[text - 1] == '\r') text--;
  if (text) {
    for (; t->crs; t->crs--) put_text(t, "\r", 1);
    put_text(t, s, text);
  }
  t->crs += len - text;
}

bool transfer_piece(struct transfer *t, char const *s, size_t len)
{
  while (len && !(at_start(t) && enough(t))) {
    char const *newline = memchr(s, '\n', len);
    size_t part = newline ? (size_t)(newline - s) : len;
    line_part(t, s, part);
    if (!newline) return true;
    line_done(t);
    s += part + 1;
    len -= part + 1;
  }
  return !(at_start(t) && enough(t));
}

void transfer_end(struct transfer *t)
{
  if (!at_start(t)) t->put("\r\n", 2);
  t->put(".\r\n", 3);
}
