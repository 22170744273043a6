#include <stdio.h>

#include "date.h"

static char const months[12][4] = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};
static char const weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

enum { DATE_MAX = 80 };

int date_header(stralloc *to, time_t when)
{
  struct tm t;
  char line[DATE_MAX];
  if (!gmtime_r(&when, &t)) return 0;
  int n = snprintf(line, sizeof line, "%d %s %d %02d:%02d:%02d -0000", t.tm_mday, months[t.tm_mon],
                   1900 + t.tm_year, t.tm_hour, t.tm_min, t.tm_sec);
  return stralloc_catb(to, line, (size_t)n);
}

int date_mbox(stralloc *to, time_t when)
{
  struct tm t;
  char line[DATE_MAX];
  if (!gmtime_r(&when, &t)) return 0;
  int n = snprintf(line, sizeof line, "%s %s %02d %02d:%02d:%02d %d", weekdays[t.tm_wday], months[t.tm_mon],
                   t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, 1900 + t.tm_year);
  return stralloc_catb(to, line, (size_t)n);
}
