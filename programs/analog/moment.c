#include <string.h>
#include <time.h>

#include "moment.h"
#include "number.h"
#include "stamp.h"
#include "text.h"

enum { DAY = 86400 };
static int64_t const furthest = 253402300799;       /* the last second of the year 9999 */

static int64_t begin_of(int64_t when, bool day)
{
  time_t seconds = (time_t)when;
  struct tm t;
  if (!localtime_r(&seconds, &t)) return when;
  t.tm_sec = t.tm_min = 0;
  if (day) t.tm_hour = 0;
  if (day) t.tm_isdst = -1;
  return mktime(&t);
}

int64_t moment_hour(int64_t when)
{
  return begin_of(when, false);
}

int64_t moment_day(int64_t when)
{
  return begin_of(when, true);
}

static bool read_ago(int64_t *to, char const *s, int64_t now)
{
  static struct { char letter; int64_t seconds; } const units[] = {
    { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY }, { 'w', 7 * DAY }
  };
  uint64_t n;
  size_t digits = number_scan(s, strlen(s), &n);
  if (!digits || n > 100000000 || !s[digits] || s[digits + 1]) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (s[digits] == units[i].letter) {
      *to = now - (int64_t)n * units[i].seconds;
      return *to >= 0;
    }
  return false;
}

static bool read_stamp(int64_t *to, char const *s)
{
  char text[STAMP_MAX];
  uint64_t n;
  struct stamp stamp = stamp_find(s, strlen(s));
  if (stamp.form == STAMP_TAI64N && !s[stamp.behind]) {
    *to = stamp_nanoseconds((struct field){ text, stamp_decimal(text, &stamp) }) / 1000000000;
    return *to <= furthest;
  }
  if (s[0] != '@' || !s[1] || number_scan(s + 1, strlen(s + 1), &n) != strlen(s + 1) || n > (uint64_t)furthest) return false;
  *to = (int64_t)n;
  return true;
}

/* Two digits at s, and their number. */
static bool two(int *to, char const *s)
{
  if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') return false;
  *to = 10 * (s[0] - '0') + s[1] - '0';
  return true;
}

/* " 14:05" or " 14:05:09". */
static bool read_time(struct tm *t, char const *s)
{
  size_t len = strlen(s);
  if ((len != 6 && len != 9) || (s[0] != ' ' && s[0] != 'T') || !two(&t->tm_hour, s + 1) || s[3] != ':' ||
      !two(&t->tm_min, s + 4))
    return false;
  return len == 6 || (s[6] == ':' && two(&t->tm_sec, s + 7));
}

static bool read_date(int64_t *to, char const *s)
{
  struct tm t = { .tm_isdst = -1 };
  int century, year;
  if (strlen(s) < 10 || !two(&century, s) || !two(&year, s + 2) || s[4] != '-' || !two(&t.tm_mon, s + 5) || s[7] != '-' ||
      !two(&t.tm_mday, s + 8) || (s[10] && !read_time(&t, s + 10)))
    return false;
  if (t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 24 || t.tm_min > 59 || t.tm_sec > 60)
    return false;
  t.tm_year = 100 * century + year - 1900;
  t.tm_mon--;
  *to = mktime(&t);
  return *to >= 0;
}

bool moment_read(int64_t *to, char const *s, int64_t now)
{
  if (!strcmp(s, "now")) return *to = now, true;
  if (!strcmp(s, "today")) return *to = moment_day(now), true;
  if (!strcmp(s, "yesterday")) return *to = moment_day(moment_day(now) - DAY / 2), true;
  return read_ago(to, s, now) || read_date(to, s) || read_stamp(to, s);
}

void moment_add(stralloc *to, int64_t when)
{
  char text[64];
  time_t seconds = (time_t)when;
  struct tm t;
  if (!localtime_r(&seconds, &t)) return;
  text_addb(to, text, strftime(text, sizeof text, "%Y-%m-%d %H:%M", &t));
}
