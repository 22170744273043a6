#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "queue_path.h"

enum { NUMBER_DIGITS = 19 };

static char const letters[CHANNELS] = { [CHANNEL_LOCAL] = 'l', [CHANNEL_REMOTE] = 'r' };

int clean_pack(stralloc *to, struct clean_request const *r)
{
  char text[CLEAN_REQUEST_MAX];
  int n = 0;
  switch (r->deed) {
    case CLEAN_REMOVE:
      n = snprintf(text, sizeof text, "foop/%" PRIu64, r->id);
      break;
    case CLEAN_MARK_DONE:
      n = snprintf(text, sizeof text, "done/%" PRIu64 "/%" PRIu64, r->id, r->offset);
      break;
    case CLEAN_SET_DUE:
      n = snprintf(text, sizeof text, "due/%" PRIu64 "/%c/%" PRIu64, r->id, letters[r->channel], r->when);
      break;
    case CLEAN_MOVE_ASIDE:
      n = snprintf(text, sizeof text, "lame/%" PRIu64, r->id);
      break;
  }
  return stralloc_catb(to, text, (size_t)n + 1);
}

/* ---- reading ---- */

struct field { char const *s; size_t len; };

/* Cuts the text at its slashes. The number of fields; max + 1 when there are more. */
static size_t split(struct field *fields, size_t max, char const *s, size_t len)
{
  size_t count = 0;
  for (;;) {
    char const *slash = len ? memchr(s, '/', len) : 0;
    size_t n = slash ? (size_t)(slash - s) : len;
    if (count == max) return max + 1;
    fields[count++] = (struct field){ s, n };
    if (!slash) return count;
    s += n + 1;
    len -= n + 1;
  }
}

static bool is(struct field const *f, char const *word)
{
  return f->len == strlen(word) && !memcmp(f->s, word, f->len);
}

/* As queue_id_scan, but 0 is a number too. */
static bool number(struct field const *f, uint64_t *to)
{
  if (f->len == 1 && *f->s == '0') {
    *to = 0;
    return true;
  }
  return f->len <= NUMBER_DIGITS && queue_id_scan(f->s, f->len, to);
}

static bool channel(struct field const *f, enum channel *to)
{
  for (int c = 0; c < CHANNELS; c++)
    if (f->len == 1 && *f->s == letters[c]) {
      *to = (enum channel)c;
      return true;
    }
  return false;
}

bool clean_unpack(struct clean_request *r, char const *s, size_t len)
{
  struct field f[4];
  if (len >= CLEAN_REQUEST_MAX) return false;
  size_t n = split(f, 4, s, len);
  if (n < 2 || n > 4 || !queue_id_scan(f[1].s, f[1].len, &r->id)) return false;
  if (n == 2 && is(f, "foop")) return (r->deed = CLEAN_REMOVE, true);
  if (n == 2 && is(f, "lame")) return (r->deed = CLEAN_MOVE_ASIDE, true);
  if (n == 3 && is(f, "done")) return (r->deed = CLEAN_MARK_DONE, number(f + 2, &r->offset));
  if (n == 4 && is(f, "due")) return (r->deed = CLEAN_SET_DUE, channel(f + 2, &r->channel) && number(f + 3, &r->when));
  return false;
}
