#include <stdint.h>
#include <string.h>

#include "destination_line.h"
#include "fields.h"

enum { USUAL_SECONDS = 60 };

static bool number_read(unsigned *number, char const *s, size_t len, unsigned most)
{
  unsigned n = 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    n = 10 * n + (unsigned)(s[i] - '0');
    if (n > most) return false;
  }
  if (len) *number = n;
  return len > 0;
}

bool destination_number_read(unsigned *number, char const *s, size_t len)
{
  return number_read(number, s, len, DESTINATION_NUMBER_MAX);
}

bool destination_rate_read(struct destination_rate *rate, char const *s, size_t len)
{
  char const *slash = len ? memchr(s, '/', len) : 0;
  size_t before = slash ? (size_t)(slash - s) : len;
  struct destination_rate r = { 0, USUAL_SECONDS };
  if (!destination_number_read(&r.messages, s, before)) return false;
  if (slash && (!number_read(&r.seconds, slash + 1, len - before - 1, DESTINATION_SECONDS_MAX) || !r.seconds)) return false;
  *rate = r;
  return true;
}

static bool part_read(unsigned *number, struct field const *part, unsigned least, unsigned most)
{
  return !part->len || (number_read(number, part->s, part->len, most) && *number >= least);
}

bool destination_schedule_read(struct destination_schedule *schedule, char const *s, size_t len)
{
  struct field parts[4] = { { "", 0 }, { "", 0 }, { "", 0 } };
  struct destination_schedule read = *schedule;
  if (!len || fields_split(parts, 4, s, len) > 3) return false;
  if (!part_read(&read.lifetime, parts, 0, DESTINATION_LIFETIME_MAX) || !part_read(&read.first, parts + 1, 1, DESTINATION_FIRST_MAX)
      || !part_read(&read.longest, parts + 2, 1, DESTINATION_LIFETIME_MAX)) return false;
  *schedule = read;
  return true;
}

bool destination_rate_is_stricter(struct destination_rate a, struct destination_rate b)
{
  if (!a.messages || !b.messages) return a.messages && !b.messages;
  return (uint64_t)a.messages * b.seconds < (uint64_t)b.messages * a.seconds;
}
