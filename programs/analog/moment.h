/* moment: a time as people say it on a command line, in the local time zone. */

#ifndef MAILTREE_MOMENT_H
#define MAILTREE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

/* In seconds since 1970: "now", "today" and "yesterday" (their midnights), "3h" (so long before now; s, m, h, d, w),
   "2026-11-28", with " 14:05" or " 14:05:09" (or T for the blank), "@1795885200", a label of multilog. False for
   anything else. */
bool moment_read(int64_t *to, char const *s, int64_t now);

/* Appends "2026-11-28 14:05". */
void moment_add(stralloc *to, int64_t when);

/* The beginning of the hour, or of the day, that a time is in. */
int64_t moment_hour(int64_t when);
int64_t moment_day(int64_t when);

#endif
