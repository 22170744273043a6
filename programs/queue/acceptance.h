/* acceptance: from what an injector gives to a durable message in the queue, or to an exit code and nothing at all.
   The one way in: qmail-queue goes it once, each worker of qmail-queued again and again.

     acceptance_begin, acceptance_message..., acceptance_envelope... until complete, acceptance_commit; acceptance_drop

   The working directory becomes HOME/queue. Process-wide trouble stays with the caller: signals, umask (033),
   descriptors. */

#ifndef MAILTREE_ACCEPTANCE_H
#define MAILTREE_ACCEPTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "envelope_input.h"
#include "queue_exit.h"
#include "queue_message.h"

struct acceptance {
  uid_t caller;
  uint64_t qp;                /* the number of this acceptance, in Received line, envelope and logs */
  time_t birth;
  bool complete;              /* the last NUL of the envelope was read */
  bool in_envelope;
  bool has_recipients;        /* the first is written, behind those of control/queueextra who get all */
  struct envelope_input envelope;
  struct queue_writer writer;
};
#define ACCEPTANCE_ZERO { .writer = { .fd = -1 } }

/* Looks up the users that Received lines name now, not when a message needs them. Ends the process as in accounts.h. */
void acceptance_know_callers(void);

/* Whether this is one of them: a part of the mail system. */
bool acceptance_is_by_us(uid_t caller);

/* Whether he brings what clients of the network have sent. */
bool acceptance_is_from_network(uid_t caller);

/* Each returns QUEUE_EXIT_ACCEPTED, so far, or the exit code; then only acceptance_drop may follow. An unknown user of
   the system ends the process as in accounts.h. */
int acceptance_begin(struct acceptance *a, uid_t caller, uint64_t qp);
int acceptance_message(struct acceptance *a, char const *s, size_t len);

/* What follows the end of the envelope is ignored. */
int acceptance_envelope(struct acceptance *a, char const *s, size_t len);

/* All of it from a descriptor: the message to its end, the envelope until it is complete. */
int acceptance_read_message(struct acceptance *a, int fd);
int acceptance_read_envelope(struct acceptance *a, int fd);

/* Only after QUEUE_EXIT_ACCEPTED from here may anybody be told. Between the link and the verdict no signal may end the
   process: the message would be queued and the injector told otherwise. */
int acceptance_commit(struct acceptance *a);

/* The end, whatever happened; without a commit nothing is left. Safe in a signal handler. */
void acceptance_drop(struct acceptance *a);

#endif
