/* remote_session: one SMTP conversation, from the greeting to the report. */

#ifndef MAILTREE_REMOTE_SESSION_H
#define MAILTREE_REMOTE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "remote_keep.h"
#include "remote_message.h"

struct session {
  char const *helohost;
  char const *host;                   /* whose mail it is */
  char const *ip;                     /* of the server, as text */
  unsigned port;
  unsigned timeout;                   /* seconds for each whole answer but the one below */
  unsigned dot_timeout;               /* for that to the message */
  unsigned data_timeout;              /* for each block of the message to be taken */
  unsigned envelope_seconds;          /* for all that comes before the message */
  unsigned seconds;                   /* of the whole conversation */
  char const *sender;                 /* as it goes between < and > */
  char const *const *recipients;      /* the same; null: cannot be said in SMTP, refused without asking */
  size_t count;
  struct message const *message;
  bool folds;                         /* lines that are too long are folded where they can be */

  /* The server is unusable and has taken no sender: another one may be tried. `why` is a short reason, the text what is to
     be reported (with letter Z) if this was the last one. Does not return. */
  void (*next)(char const *why, char const *text, size_t len);
};

/* Speaks with the server on the socket and ends in `next` or in a report. */
_Noreturn void session_run(struct session const *session, int fd);

/* Closes the connection of a session that has ended in a report, unless it was left to another message. */
void session_close(void);

/* The same on a connection that another message has left. Any answer but a yes to the sender, and any trouble before the
   message itself was asked for, ends in `next`. */
_Noreturn void session_resume(struct session const *session, int fd, struct kept const *kept);

#endif
