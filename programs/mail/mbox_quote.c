#include <stdbool.h>

#include <skalibs/bytestr.h>

#include "mbox_quote.h"

static char const from[] = "From ";
enum { FROM_LEN = sizeof from - 1 };

static void release(struct mbox_quote *q)
{
  if (q->matched) q->put(q->to, from, q->matched);
  q->matched = 0;
}

/* Takes a byte that may still belong to ">*From ". The '>' added stands behind those that were there: as all
   are alike, nobody can tell, and so a run of them need not be held back however long it is. */
static bool take_beginning(struct mbox_quote *q, char c)
{
  if (c == from[q->matched]) {
    q->at = MBOX_IN_FROM;
    if (++q->matched < FROM_LEN) return true;
    q->put(q->to, ">", 1);
    release(q);
    q->at = MBOX_IN_LINE;
    return true;
  }
  if (c != '>' || q->matched) return false;
  q->put(q->to, ">", 1);
  q->at = MBOX_IN_ARROWS;
  return true;
}

void mbox_quote_feed(struct mbox_quote *q, char const *s, size_t len)
{
  for (size_t i = 0; i < len;) {
    if (q->at != MBOX_IN_LINE && take_beginning(q, s[i])) {
      i++;
      continue;
    }
    release(q);
    size_t n = byte_chr(s + i, len - i, '\n');
    q->at = i + n < len ? MBOX_LINE_START : MBOX_IN_LINE;
    if (i + n < len) n++;
    q->put(q->to, s + i, n);
    i += n;
  }
}

void mbox_quote_end(struct mbox_quote *q)
{
  release(q);
  if (q->at != MBOX_LINE_START) q->put(q->to, "\n", 1);
  q->at = MBOX_LINE_START;
}
