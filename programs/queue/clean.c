#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "queue_path.h"
#include "text.h"

enum { NUMBER_DIGITS = 19, FIELDS_MAX = 5 };

static char const letters[CHANNELS] = { [CHANNEL_LOCAL] = 'l', [CHANNEL_REMOTE] = 'r' };

static struct { char const *word; size_t fields; } const deeds[CLEAN_DEEDS] = {
  [CLEAN_REMOVE]     = { "foop", 2 },
  [CLEAN_MARK_DONE]  = { "done", 3 },
  [CLEAN_SET_DUE]    = { "due",  5 },
  [CLEAN_MOVE_ASIDE] = { "lame", 2 },
  [CLEAN_HOLD]       = { "hold", 2 },
  [CLEAN_RELEASE]    = { "free", 2 },
  [CLEAN_SYNC]       = { "sync", 2 },
  [CLEAN_TRIGGER]    = { "trig", 2 },
  [CLEAN_DROP]       = { "drop", 2 }
};

void clean_pack(stralloc *to, struct clean_request const *r)
{
  char text[CLEAN_REQUEST_MAX];
  int n = snprintf(text, sizeof text, "%s/%" PRIu64, deeds[r->deed].word, r->id);
  size_t left = sizeof text - (size_t)n;
  if (r->deed == CLEAN_MARK_DONE) n += snprintf(text + n, left, "/%" PRIu64, r->offset);
  if (r->deed == CLEAN_SET_DUE)
    n += snprintf(text + n, left, "/%c/%" PRIu64 "/%" PRIu64, letters[r->channel], r->when, r->birth);
  text_addb(to, text, (size_t)n + 1);
}

/* ---- reading ---- */

struct word { char const *s; size_t len; };

/* Cuts the text at its slashes. The number of fields; max + 1 when there are more. */
static size_t split(struct word *fields, size_t max, char const *s, size_t len)
{
  size_t count = 0;
  for (;;) {
    char const *slash = len ? memchr(s, '/', len) : 0;
    size_t n = slash ? (size_t)(slash - s) : len;
    if (count == max) return max + 1;
    fields[count++] = (struct word){ s, n };
    if (!slash) return count;
    s += n + 1;
    len -= n + 1;
  }
}

static bool is(struct word const *f, char const *word)
{
  return f->len == strlen(word) && !memcmp(f->s, word, f->len);
}

/* As queue_id_scan, but 0 is a number too. */
static bool number(struct word const *f, uint64_t *to)
{
  if (f->len == 1 && *f->s == '0') {
    *to = 0;
    return true;
  }
  return f->len <= NUMBER_DIGITS && queue_id_scan(f->s, f->len, to);
}

static bool channel(struct word const *f, enum channel *to)
{
  for (int c = 0; c < CHANNELS; c++)
    if (f->len == 1 && *f->s == letters[c]) {
      *to = (enum channel)c;
      return true;
    }
  return false;
}

static bool deed(struct word const *word, size_t fields, enum clean_deed *to)
{
  for (int d = 0; d < CLEAN_DEEDS; d++)
    if (fields == deeds[d].fields && is(word, deeds[d].word)) {
      *to = (enum clean_deed)d;
      return true;
    }
  return false;
}

bool clean_unpack(struct clean_request *r, char const *s, size_t len)
{
  struct word f[FIELDS_MAX] = { { 0, 0 } };
  if (len >= CLEAN_REQUEST_MAX) return false;
  size_t n = split(f, FIELDS_MAX, s, len);
  if (n < 2 || n > FIELDS_MAX || !queue_id_scan(f[1].s, f[1].len, &r->id) || !deed(f, n, &r->deed)) return false;
  if (r->deed == CLEAN_MARK_DONE) return number(f + 2, &r->offset);
  if (r->deed == CLEAN_SET_DUE)
    return channel(f + 2, &r->channel) && number(f + 3, &r->when) && number(f + 4, &r->birth);
  return true;
}
