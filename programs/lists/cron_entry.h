/* cron_entry: lines of a crontab that have digests made, and who may have which. Pure.

   A right, in ezcronrc:     user:prefix:host:max[:list,list]     joe:joe:example.org:5:poems,prose
   An entry, in crontab:     MINUTE HOURS * * DAYS PROGRAM LIST-dig-CODE@HOST%Return-path: <USER@BOUNCEHOST> */

#ifndef MAILTREE_CRON_ENTRY_H
#define MAILTREE_CRON_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct cron_right { struct field user, prefix, host, lists; uint64_t max; };

bool cron_right_read(struct cron_right *to, struct field line);

/* Whether it is for this list: its name is the prefix, or begins with it and a hyphen, and what follows is among the lists; an
   empty prefix is that of all. */
bool cron_right_allows(struct cron_right const *r, struct field local, struct field host);

struct cron_when { unsigned minute, hour, every; struct field days; };      /* every so many hours; empty: those that fit */

/* "04:12"; the hours that there may be between digests; days, "1,3,5". */
bool cron_time_read(struct cron_when *to, char const *s);
bool cron_hours_read(struct cron_when *to, char const *s);
bool cron_days_ok(char const *s);

struct cron_entry { struct field local, host, code, user, bouncehost; };

/* Whether nothing in it means something to cron, or to a shell. */
bool cron_word_ok(struct field f);

void cron_entry_add(stralloc *to, struct cron_when const *when, char const *program, struct cron_entry const *e);
bool cron_entry_is_for(struct field line, struct cron_entry const *e);      /* the same list */
bool cron_entry_is_of(struct field line, struct cron_entry const *e);       /* the same user */

#endif
