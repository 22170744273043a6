/* capture: what one client and a server of ours say to each other, line by line, in the log; where a rule for his address sets
   CAPTURE. Also inside TLS, of which the server knows nothing. Passwords are left out. */

#ifndef MAILTREE_CAPTURE_H
#define MAILTREE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "net.h"

enum {
  CAPTURE_BYTES = 65536,                /* of a session, where CAPTURE is no number, */
  CAPTURE_BYTES_MAX = 16 << 20,         /* and at most */
  CAPTURE_TURN = 4096                   /* of what one says before the other does: a message, a list of messages */
};

/* From now on; of an address that may be null. Again for a client whose address was not known before, and whose rule may be another one. */
void capture_begin(struct net *n, char const *ip);

/* The session is over: what nobody has ended as a line. */
void capture_end(void);

/* ---- pure ---- */

/* How much of a command may be shown: what is behind it is a password, or may be one. In an exchange the whole line is; behind a
   command AUTH, which may have been refused, any line that is no known command. */
struct capture_state { bool in_exchange, has_tried; };
size_t capture_shown(struct capture_state *s, char const *line, size_t len);

/* Notes what was answered. */
void capture_answered(struct capture_state *s, char const *line, size_t len);

#endif
