#include <stdint.h>

#include <skalibs/bytestr.h>

#include "maildirsize_text.h"
#include "number.h"

struct rest { char const *s; size_t len; };

static void skip(struct rest *r, size_t n)
{
  r->s += n;
  r->len -= n;
}

static void skip_blanks(struct rest *r)
{
  while (r->len && (*r->s == ' ' || *r->s == '\t')) skip(r, 1);
}

static bool take_number(struct rest *r, int64_t *number)
{
  uint64_t n;
  skip_blanks(r);
  bool negative = r->len && *r->s == '-';
  if (r->len && (*r->s == '-' || *r->s == '+')) skip(r, 1);
  size_t digits = number_scan(r->s, r->len, &n);
  if (!digits || n > INT64_MAX) return false;
  *number = negative ? -(int64_t)n : (int64_t)n;
  skip(r, digits);
  return !r->len || *r->s == ' ' || *r->s == '\t';
}

static bool add_line(int64_t *bytes, int64_t *messages, char const *s, size_t len)
{
  int64_t more_bytes, more_messages;
  struct rest line = { s, len };
  if (!take_number(&line, &more_bytes) || !take_number(&line, &more_messages)) return false;
  skip_blanks(&line);
  return !line.len && !__builtin_add_overflow(*bytes, more_bytes, bytes)
      && !__builtin_add_overflow(*messages, more_messages, messages);
}

bool maildirsize_text_parse(struct maildirsize_text *to, char const *s, size_t len)
{
  int64_t bytes = 0, messages = 0;
  size_t n = byte_chr(s, len, '\n');
  *to = (struct maildirsize_text){ .lines = 0 };
  if (!quota_parse(&to->limit, s, n) || !len || s[len - 1] != '\n') return false;
  for (size_t at = n + 1; at < len; at += n + 1) {
    n = byte_chr(s + at, len - at, '\n');
    if (!add_line(&bytes, &messages, s + at, n)) return false;
    to->lines++;
  }
  if (!to->lines || bytes < 0 || messages < 0) return false;
  to->usage = (struct quota_usage){ (uint64_t)bytes, (uint64_t)messages };
  return true;
}

/* A time to come says nothing; but newer kernels stamp files by a finer clock than time(2), which a second may reach
   earlier. */
static bool is_within(time_t then, time_t now, time_t seconds)
{
  return then <= now + 1 && now - then <= seconds;
}

/* Mail that waits, or comes back, because a ledger was wrong is worse than a count: that there is no room is believed
   only from one that was just made. */
bool maildirsize_text_holds(struct maildirsize_text const *t, struct quota const *limit, uint64_t size,
                            struct maildirsize_times const *times)
{
  if (!quota_same(&t->limit, limit)) return false;
  if (times->made && !is_within(times->made, times->now, MAILDIRSIZE_AGE)) return false;
  if (quota_fits(limit, &t->usage, size)) return true;
  return t->lines == 1 && is_within(times->modified, times->now, MAILDIRSIZE_FULL_AGE);
}
