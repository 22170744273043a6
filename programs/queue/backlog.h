/* backlog: how much mail for this machine waits for its first delivery, told by qmail-send to who accepts more of it.

   Whoever accepts faster than can be delivered gains nothing but a longer queue, and loses: no file that is done comes back in time to be
   used again. So qmail-queued lets each message of the network wait for a moment that grows with the backlog, up to BACKLOG_MOST_US; what is accepted and what is
   delivered then become equally much.

   lock/backlog is a FIFO that has a byte for each BACKLOG_UNIT messages. Nobody reads them but who wrote them; they are gone when qmail-send is. The
   working directory is HOME/queue. */

#ifndef MAILTREE_BACKLOG_H
#define MAILTREE_BACKLOG_H

#include <stddef.h>

enum {
  BACKLOG_UNIT = 16,            /* messages */
  BACKLOG_FREE = 256,           /* so many delay nobody */
  BACKLOG_US = 10,              /* of delay, in microseconds, for each beyond */
  BACKLOG_MOST_US = 20000       /* the longest anybody waits */
};

/* For qmail-send. Without the FIFO nobody is delayed. */
void backlog_begin(void);
void backlog_tell(size_t messages);

/* For who accepts: the microseconds to wait before a message is written. */
unsigned backlog_delay_us(void);

/* The same for a number of messages. */
unsigned backlog_delay_for(size_t messages);

#endif
