#include "digest_due.h"
#include "number.h"

enum { HOUR = 3600, UNITS = 4 };

void digest_last_scan(struct digest_last *to, char const *s, size_t len)
{
  uint64_t *const parts[] = { &to->number, &to->size, &to->when };
  size_t at = 0;
  *to = (struct digest_last){ .number = 0 };
  for (int i = 0; i < 3; i++) {
    size_t digits = number_scan(s + at, len - at, parts[i]);
    if (!digits) { *parts[i] = 0; return; }
    at += digits;
    if (at == len || s[at] != ':') return;
    at++;
  }
}

/* Whether now is at least so many times unit behind then; what is behind now counts as now. */
static bool reached(uint64_t now, uint64_t then, uint64_t times, uint64_t unit)
{
  return times && (now > then ? now - then : 0) / unit >= times;
}

bool digest_due(struct digest_last const *now, struct digest_last const *last, struct digest_limits const *limits)
{
  return reached(now->size, last->size, limits->kbytes, UNITS) || reached(now->number, last->number, limits->messages, 1)
    || reached(now->when, last->when, limits->hours, HOUR);
}
