/* resend: hand a message on to other addresses, in one injection. */

#ifndef MAILTREE_RESEND_H
#define MAILTREE_RESEND_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

/* What goes along of what belongs to the message and to the recipient it came for (RFC 3461 5.2.7, extras of
   envelope_extra.h). */
enum resend_extras {
  RESEND_NEW_SENDER,            /* the sender is another one: a message of his, so only how it is made */
  RESEND_SOME,                  /* the rest as well, but success was told, or will be, by whoever hands it on */
  RESEND_ALL                    /* and who gets it now answers for everything */
};

struct resend {
  int message_fd;               /* all of it, from its first byte on */
  bool is_stream;               /* or from where it stands, and it may be a pipe */
  char const *head;             /* stands before it, head_len bytes */
  size_t head_len;
  char const *sender;
  stralloc const *addresses;    /* each with its NUL */
  char const *extras;           /* or null */
  enum resend_extras which;
};

enum resend_result {
  RESEND_DONE,                  /* *qp is set */
  RESEND_NOT_STARTED,           /* errno */
  RESEND_REFUSED                /* *verdict is set, as queue_client_close has it */
};

/* The caller ignores SIGPIPE. */
enum resend_result resend(struct resend const *wanted, unsigned long *qp, char const **verdict);

#endif
