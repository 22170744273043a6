/* smtp_body: a message as it travels in SMTP. Whatever ended a line here (LF, CR LF, CR), CR LF ends it there, and a
   dot that begins a line is doubled: nothing in a message can look like its end to any server. */

#ifndef MAILTREE_SMTP_BODY_H
#define MAILTREE_SMTP_BODY_H

#include <stddef.h>

enum { SMTP_BODY_GROWTH = 2, SMTP_BODY_END_MAX = 5 };

enum smtp_body_state { BODY_LINE_START, BODY_TEXT, BODY_AFTER_CR, BODY_STATES };

/* Begins in BODY_LINE_START. Encodes len bytes of the message; returns the length of what is in `to`, which has room
   for SMTP_BODY_GROWTH * len bytes. */
size_t smtp_body_encode(enum smtp_body_state *at, char *to, char const *s, size_t len);

/* The end of the message: of an unfinished last line first, then the line with the dot. `to` has room for
   SMTP_BODY_END_MAX bytes. */
size_t smtp_body_finish(enum smtp_body_state at, char *to);

#endif
