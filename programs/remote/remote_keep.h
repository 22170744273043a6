/* remote_keep: the open connection that one message leaves to the next (agent.h).

   The agent holds it; the child that delivers a message inherits it, or opens one and hands it over at its end. Only
   what a child says in so many words is kept: whatever else happens, the connection is closed and the next message
   opens a new one. */

#ifndef MAILTREE_REMOTE_KEEP_H
#define MAILTREE_REMOTE_KEEP_H

#include <stdbool.h>

#include <skalibs/ip46.h>

#include "agent.h"
#include "dns.h"

enum {
  KEEP_MESSAGES = 100,      /* over one connection, at most */
  KEEP_SECONDS = 300        /* that it may be old when a message begins */
};

struct kept {
  char ip[IP46_FMT + 1];    /* of the server, as text */
  unsigned port;
  char host[DNS_NAME_MAX + 1];    /* whose message it had last; empty for a name that is too long */
  unsigned offered;         /* its extensions */
};

extern struct agent_keeper const connection_keeper;

/* Whether there is a connection to go on with, and what is known of the server. */
bool keep_look(struct kept *kept);

/* Its descriptor, which is in the caller's hands from here on. */
int keep_take(void);

/* It is of no use. */
void keep_end(void);

/* At the end of a message, with the server waiting for the next: leaves it to the agent. False when there is none. */
bool keep_leave(int fd, struct kept const *kept);

#endif
