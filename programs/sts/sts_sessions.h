/* sts_sessions: what became of sessions, a file for each day (tlsrpt.h). Working directory HOME. */

#ifndef MAILTREE_STS_SESSIONS_H
#define MAILTREE_STS_SESSIONS_H

#include <stddef.h>

#include "tlsrpt.h"

#define SESSIONS_PLACE "sts/sessions"

enum { SESSIONS_BYTES_MAX = 16777216, SESSIONS_DAYS = 8 };

/* Adds a line without its end to that of today (UTC); one that is none, or for which there is no room, is lost. */
void sessions_add(char const *line, size_t len);
void sessions_add_session(struct tlsrpt_session const *s);

/* Removes the files of days long ago. */
void sessions_forget(void);

#endif
