/* stamp: the time in front of a line of a log, in the forms in which logs have it:

     901967408.113926 status: ...                               splogger, accustamp
     @400000003c4a5b6c1d2e3f40 status: ...                      multilog
     2002-01-20 05:54:42.489516864 status: ...                  tai64nlocal, in the local time zone
     Jul 31 12:30:08 host qmail: 901967408.113926 status: ...   a file of syslog
     2026-11-28T17:15:04.1+00:00 host qmail: 901967408.113926 status: ...   one of today's rsyslog

   What is none of these is the first word of the line, as it stands. Pure, but for the time zone. */

#ifndef MAILTREE_STAMP_H
#define MAILTREE_STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum { STAMP_MAX = 40 };        /* bytes of a decimal form */

enum stamp_form { STAMP_DECIMAL, STAMP_TAI64N, STAMP_LOCAL };

struct stamp {
  enum stamp_form form;
  struct field text;
  size_t behind;                /* where the line goes on */
};

struct stamp stamp_find(char const *s, size_t len);

/* Seconds since 1970 with a fraction, as the reports read them; how many bytes. */
size_t stamp_decimal(char to[STAMP_MAX], struct stamp const *stamp);

/* Of the decimal form, in nanoseconds; 0 for what is none. */
int64_t stamp_nanoseconds(struct field decimal);

#endif
