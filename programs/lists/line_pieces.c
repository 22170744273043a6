#include <string.h>

#include "line_pieces.h"

void line_pieces_begin(struct line_pieces *p, stralloc const *start, buffer *in)
{
  p->in = in;
  p->start = start;
  p->taken = p->begin = p->end = 0;
  p->in_line = false;
}

static ssize_t from_start(struct line_pieces *p)
{
  size_t n = p->start ? p->start->len - p->taken : 0;
  if (n > sizeof p->space - p->end) n = sizeof p->space - p->end;
  if (!n) return 0;
  memcpy(p->space + p->end, p->start->s + p->taken, n);
  p->taken += n;
  return (ssize_t)n;
}

/* Adds what comes next; 0 at the end, -1 with errno. */
static ssize_t fill(struct line_pieces *p)
{
  memmove(p->space, p->space + p->begin, p->end - p->begin);
  p->end -= p->begin;
  p->begin = 0;
  ssize_t r = from_start(p);
  if (!r && !buffer_len(p->in)) r = buffer_fill(p->in) == -1 ? -1 : 0;
  if (!r) r = (ssize_t)buffer_getnofill(p->in, p->space + p->end, sizeof p->space - p->end);
  if (r > 0) p->end += (size_t)r;
  return r;
}

int line_pieces_next(struct line_pieces *p, struct line_piece *piece)
{
  char const *newline = memchr(p->space + p->begin, '\n', p->end - p->begin);
  while (!newline && p->end - p->begin < sizeof p->space) {
    size_t had = p->end - p->begin;
    ssize_t r = fill(p);
    if (r == -1) return -1;
    if (!r) break;
    newline = memchr(p->space + had, '\n', p->end - had);
  }
  if (p->begin == p->end) return 0;
  char const *s = p->space + p->begin;
  size_t len = newline ? (size_t)(newline - s) + 1 : p->end - p->begin;
  *piece = (struct line_piece){ s, len, !p->in_line, newline };
  p->in_line = !newline;
  p->begin += len;
  return 1;
}
