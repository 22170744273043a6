#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "date.h"
#include "number.h"

static char const months[12][4] = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};
static char const weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

enum { DATE_MAX = 80 };

struct moment { long long year; int month, day, weekday, hour, minute, second; };

/* Our own calendar: gmtime asks the environment and the disk for a time zone that GMT does not need. Years are
   counted from 1 March 0000 on, so that the leap day is the last of its year, in eras of 400 years. */
static struct moment moment_of(time_t when)
{
  enum { DAY = 86400, ERA = 146097, EPOCH = 719468 /* days from 1 March 0000 to 1970 */, THURSDAY = 4 };
  long long days = when / DAY;
  int rest = (int)(when % DAY);
  if (rest < 0) {
    rest += DAY;
    days--;
  }
  int weekday = (int)(((days + THURSDAY) % 7 + 7) % 7);
  days += EPOCH;
  long long era = (days >= 0 ? days : days - (ERA - 1)) / ERA;
  int of_era = (int)(days - era * ERA);
  int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * year + year / 4 - year / 100);
  int month = (5 * of_year + 2) / 153;      /* from March; five months have 153 days, again and again */
  return (struct moment){
    .year = year + era * 400 + (month >= 10), .month = (month + 2) % 12, .day = of_year - (153 * month + 2) / 5 + 1,
    .weekday = weekday, .hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60
  };
}

int date_header(stralloc *to, time_t when)
{
  char line[DATE_MAX];
  struct moment t = moment_of(when);
  int n = snprintf(line, sizeof line, "%d %s %lld %02d:%02d:%02d -0000", t.day, months[t.month], t.year,
                   t.hour, t.minute, t.second);
  return bytes_addb(to, line, (size_t)n);
}

static size_t month_of(char const *name)
{
  size_t i = 0;
  while (i < 12 && memcmp(months[i], name, 3) != 0) i++;
  return i;
}

/* Where the day is, as moment_of has it: years from March on. */
static time_t days_of(time_t year, time_t month, time_t day)
{
  if (month < 2) year--;
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * ((month + 10) % 12) + 2) / 5 + day - 1 - 719468;
}

/* Exactly so many digits and the byte behind them; -1 otherwise. */
static time_t take_digits(char const **s, size_t digits, char behind)
{
  uint64_t number;
  if (number_scan(*s, digits, &number) != digits || (*s)[digits] != behind) return -1;
  *s += digits + 1;
  return (time_t)number;
}

bool date_header_scan(time_t *when, char const *s, size_t len)
{
  char line[sizeof "31 Dec 9999 23:59:59 -0000"] = "";
  char const *at = line;
  memcpy(line, s, len < sizeof line - 1 ? len : sizeof line - 1);
  time_t day = take_digits(&at, line[1] == ' ' ? 1 : 2, ' ');
  size_t const month = month_of(at);
  if (day < 1 || day > 31 || month == 12 || at[3] != ' ') return false;
  at += 4;
  time_t const year = take_digits(&at, 4, ' ');
  time_t const hour = take_digits(&at, 2, ':'), minute = take_digits(&at, 2, ':'), second = take_digits(&at, 2, ' ');
  if (year < 1970 || hour < 0 || minute < 0 || second < 0 || memcmp(at, "-0000", 5) != 0) return false;
  *when = 86400 * days_of(year, (time_t)month, day) + 3600 * hour + 60 * minute + second;
  return true;
}

int date_mbox(stralloc *to, time_t when)
{
  char line[DATE_MAX];
  struct moment t = moment_of(when);
  int n = snprintf(line, sizeof line, "%s %s %02d %02d:%02d:%02d %lld", weekdays[t.weekday], months[t.month], t.day,
                   t.hour, t.minute, t.second, t.year);
  return bytes_addb(to, line, (size_t)n);
}

int date_digits(stralloc *to, time_t when)
{
  char line[DATE_MAX];
  struct moment t = moment_of(when);
  int n = snprintf(line, sizeof line, "%04lld%02d%02d%02d%02d%02d", t.year, t.month + 1, t.day, t.hour, t.minute, t.second);
  return bytes_addb(to, line, (size_t)n);
}
