/* date: the ways in which mail writes a moment, all in GMT. */

#ifndef MAILTREE_DATE_H
#define MAILTREE_DATE_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

/* Appends "D Mon YYYY HH:MM:SS -0000", the day not padded (RFC 5322 3.3). 1, or 0 without memory. */
int date_header(stralloc *to, time_t when);

/* Reads what date_header writes of a moment from 1970 to 9999, and what may follow is passed over; false for anything else. */
bool date_header_scan(time_t *when, char const *s, size_t len);

/* Appends "Www Mon DD HH:MM:SS YYYY", the day padded with a zero, as in From_ lines of an mbox. 1/0. */
int date_mbox(stralloc *to, time_t when);

/* Appends "YYYYMMDDHHMMSS". 1/0. */
int date_digits(stralloc *to, time_t when);

#endif
