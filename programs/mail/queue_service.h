/* queue_service: hand a whole message to the service qmail-queue (queue_wire.h), the warm way of queue_client. */

#ifndef MAILTREE_QUEUE_SERVICE_H
#define MAILTREE_QUEUE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

enum {
  QUEUE_NOT_TAKEN = -1,       /* nobody there, no room, or he went before he had it all: nothing is queued */
  QUEUE_UNCERTAIN = -2        /* he had it all and went without an answer */
};

/* Whether it looks as if somebody listens: not more than a guess. */
bool queue_service_there(void);

/* The exit code qmail-queue would have had, or one of the above; the qp in *qp. message_len + envelope_len must not
   exceed QUEUE_REQUEST_MAX; both stand at s, one behind the other. Does not wait for a free worker longer than a second. */
int queue_service_send(char const *s, size_t message_len, size_t envelope_len, unsigned long *qp);

/* The same for a message of any size, which is read from two descriptors until their ends: a connection that brings the exit
   code as one byte and closes, and the qp; or -1, and nothing is queued. */
int queue_service_stream(int message_fd, int envelope_fd, unsigned long *qp);

#endif
