#include <string.h>

#include "line_end.h"

static void put(struct line_end *l, char const *s, size_t len)
{
  if (!len) return;
  l->put(l->to, s, len);
  l->in_line = s[len - 1] != '\n';
}

/* The CRs that came last stand in the text. */
static void put_crs(struct line_end *l)
{
  for (; l->crs; l->crs--) put(l, "\r", 1);
}

void line_end_put(struct line_end *l, char const *s, size_t len)
{
  while (len) {
    char const *cr = memchr(s, '\r', len);
    size_t n = cr ? (size_t)(cr - s) : len;
    if (n && *s == '\n') l->crs = 0;
    if (n) put_crs(l);
    put(l, s, n);
    l->crs += cr != 0;
    s += n + (cr != 0), len -= n + (cr != 0);
  }
}

void line_end_finish(struct line_end *l)
{
  l->crs = 0;
  if (l->in_line) put(l, "\n", 1);
}
