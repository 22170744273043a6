/* resend: hand a message on to other addresses, in one injection. */

#ifndef MAILTREE_RESEND_H
#define MAILTREE_RESEND_H

#include <skalibs/stralloc.h>

struct resend {
  int message_fd;               /* all of it, from its first byte on */
  char const *head;             /* stands before it, head_len bytes */
  size_t head_len;
  char const *sender;
  stralloc const *addresses;    /* each with its NUL */
};

enum resend_result {
  RESEND_DONE,                  /* *qp is set */
  RESEND_NOT_STARTED,           /* errno */
  RESEND_REFUSED                /* *verdict is set, as queue_client_close has it */
};

/* The caller ignores SIGPIPE. */
enum resend_result resend(struct resend const *wanted, unsigned long *qp, char const **verdict);

#endif
