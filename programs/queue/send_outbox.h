/* send_outbox: bytes on their way into a pipe that must not be waited for. */

#ifndef MAILTREE_SEND_OUTBOX_H
#define MAILTREE_SEND_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

struct outbox {
  stralloc bytes;       /* append here */
  size_t sent;          /* of them */
  int fd;
};

bool outbox_full(struct outbox const *o);       /* whether bytes wait */

/* Writes what the pipe takes now. False when the reader is gone. */
bool outbox_write(struct outbox *o);

#endif
