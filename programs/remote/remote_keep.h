/* remote_keep: the open connection that one message leaves to the next, in a process that stays (agent.h).

   A message takes it and it is gone, unless the message leaves it again in so many words: whatever else happens, the
   next one opens a new connection.

   Whoever leaves it has RSET said on it, unless QMTP is spoken there, where nothing is said or heard between messages. The server must answer that, and say nothing else: some repeat their last answer
   after a while, and what would be heard then is no answer to the next message. */

#ifndef MAILTREE_REMOTE_KEEP_H
#define MAILTREE_REMOTE_KEEP_H

#include <stdbool.h>

#include "dns.h"
#include "remote_connection.h"
#include "smtp_reply.h"

enum {
  KEEP_MESSAGES = 100,      /* over one connection, at most */
  KEEP_SECONDS = 300        /* that it may be old when a message begins */
};

struct kept {
  struct connection connection;
  char host[DNS_NAME_MAX + 1];    /* whose message it had last; empty for a name that is too long */
  unsigned offered;         /* its extensions */
  bool reset_heard;
  struct smtp_reply reset;  /* the answer to RSET, so far */
};

/* What is known of the connection there is to go on with; null when there is none. */
struct kept const *keep_look(void);

/* It is in the caller's hands from here on. */
void keep_take(struct connection *to);

/* It is of no use: says QUIT and closes it. */
void keep_end(void);

/* At the end of a message, with the server waiting for the next: leaves the connection, which was taken (resumed) or is
   new, with the extensions of its server. False when there is no next, or it has been used enough: then it stays the
   caller's. */
bool keep_leave(struct connection *connection, bool resumed, char const *host, unsigned offered);

/* The descriptor while nobody has taken it, or -1. */
int keep_watched(void);

/* The server has said something, or closed it. */
void keep_heed(void);

#endif
