/* message_id: the Message-ID of a message that has none. */

#ifndef MAILTREE_MESSAGE_ID_H
#define MAILTREE_MESSAGE_ID_H

#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

/* Appends "<YYYYMMDDHHMMSS.PID.RANDOM.qmail@HOST>". 1, or 0 with errno. */
int message_id(stralloc *to, char const *host, size_t host_len, time_t when);

#endif
